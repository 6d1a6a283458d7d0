"""The question's code from scratch: the penalty is added to the summed gradient and divided by n with it."""

import numpy as np

from data import make_data

alpha, lam = 0.05, 0.1


def sigmoid(z):
    s = 1 / (1 + np.exp(-z))
    return s


def yinfer(X, beta):
    return sigmoid(beta[0] + np.dot(X, beta[1:]))


def cost(X, Y, beta, lam):
    sum = 0
    sum1 = 0
    n = len(beta)
    m = len(Y)
    for i in range(m):
        sum = sum + Y[i] * (np.log(yinfer(X[i], beta))) + (1 - Y[i]) * np.log(1 - yinfer(X[i], beta))
    for i in range(0, n):
        sum1 = sum1 + beta[i] ** 2
    return (-sum + (lam / 2) * sum1) / (1.0 * m)


X, Y_train = make_data()
beta = np.zeros(5)
iterations = 50
n = len(Y_train)
for i in range(iterations):
    temp_beta = np.zeros(len(beta))
    for j in range(n):
        temp_beta[0] = temp_beta[0] + yinfer(X[j, :], beta) - Y_train[j]
        temp_beta[1:] = temp_beta[1:] + (yinfer(X[j, :], beta) - Y_train[j]) * X[j, :]
    for k in range(0, len(beta)):
        temp_beta[k] = temp_beta[k] + lam * beta[k]  # regularization here
    temp_beta = temp_beta / (1.0 * n)
    beta = beta - alpha * temp_beta

print("cost", round(float(cost(X, Y_train, beta, lam)), 4))
print("bias", round(float(beta[0]), 4), "weights", [round(float(v), 4) for v in beta[1:]])
print(f"decay of every coefficient: {lam / n:.6e} instead of {lam}")
