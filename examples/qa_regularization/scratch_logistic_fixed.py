"""The answer's repair: divide the gradient first, then add the penalty, as PyTorch does."""

import numpy as np

from data import make_data

alpha, lam = 0.05, 0.1


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s


def yinfer(X, beta):
    return sigmoid(beta[0] + np.dot(X, beta[1:]))


X, Y_train = make_data()
beta = np.zeros(5)
iterations = 50
n = len(Y_train)
for i in range(iterations):
    temp_beta = np.zeros(len(beta))
    for j in range(n):
        temp_beta[0] = temp_beta[0] + yinfer(X[j, :], beta) - Y_train[j]
        temp_beta[1:] = temp_beta[1:] + (yinfer(X[j, :], beta) - Y_train[j]) * X[j, :]
    temp_beta = temp_beta / (1.0 * n)
    beta = beta - alpha * (temp_beta + lam * beta)

print("bias", round(float(beta[0]), 4), "weights", [round(float(v), 4) for v in beta[1:]])
