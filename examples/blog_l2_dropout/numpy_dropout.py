"""The two forms of dropout in numpy: scale at test time, or scale while training (inverted)."""

import numpy as np

rng = np.random.default_rng(0)
W1, b1 = rng.normal(size=(50, 10)) / 3, np.zeros((50, 1))
W2, b2 = rng.normal(size=(50, 50)) / 7, np.zeros((50, 1))
W3, b3 = rng.normal(size=(1, 50)) / 7, np.zeros((1, 1))

p = 0.5  # 激活神经元的概率. p值更高 = 随机失活更弱


def train_step(X):
    # 3层neural network的前向传播
    H1 = np.maximum(0, np.dot(W1, X) + b1)
    U1 = rng.random(H1.shape) < p  # 第一个dropout mask
    H1 *= U1  # drop!
    H2 = np.maximum(0, np.dot(W2, H1) + b2)
    U2 = rng.random(H2.shape) < p  # 第二个dropout mask
    H2 *= U2  # drop!
    return np.dot(W3, H2) + b3


def predict(X):
    # 前向传播时模型集成
    H1 = np.maximum(0, np.dot(W1, X) + b1) * p  # 注意:激活数据要乘以p
    H2 = np.maximum(0, np.dot(W2, H1) + b2) * p  # 注意:激活数据要乘以p
    return np.dot(W3, H2) + b3


def train_step_inverted(X):
    H1 = np.maximum(0, np.dot(W1, X) + b1)
    U1 = (rng.random(H1.shape) < p) / p  # 第一个dropout mask. 注意/p!
    H1 *= U1  # drop!
    H2 = np.maximum(0, np.dot(W2, H1) + b2)
    U2 = (rng.random(H2.shape) < p) / p  # 第二个dropout mask. 注意/p!
    H2 *= U2  # drop!
    return np.dot(W3, H2) + b3


def predict_inverted(X):
    H1 = np.maximum(0, np.dot(W1, X) + b1)  # 不用数值范围调整了
    H2 = np.maximum(0, np.dot(W2, H1) + b2)
    return np.dot(W3, H2) + b3


X = rng.normal(size=(10, 1))
plain = np.mean([train_step(X).item() for _ in range(2000)])
inverted = np.mean([train_step_inverted(X).item() for _ in range(2000)])
print(f"plain:    {plain:.2f} in training, {predict(X).item():.2f} at test time")
print(f"inverted: {inverted:.2f} in training, {predict_inverted(X).item():.2f} at test time")
