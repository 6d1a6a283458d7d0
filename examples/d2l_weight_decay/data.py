"""The high-dimensional regression of the chapter: 20 samples, 200 inputs, and the few functions that the programs need."""

import torch
from torch.utils.data import DataLoader, TensorDataset

n_train, n_test, num_inputs, batch_size = 20, 100, 200, 5
true_w, true_b = torch.ones((num_inputs, 1)) * 0.01, 0.05


def synthetic_data(w, b, num_examples):
    """Generate y = Xw + b + noise."""
    X = torch.normal(0, 1, (num_examples, len(w)))
    y = torch.matmul(X, w) + b
    y += torch.normal(0, 0.01, y.shape)
    return X, y.reshape((-1, 1))


def load_array(data_arrays, batch_size, is_train=True):
    return DataLoader(TensorDataset(*data_arrays), batch_size, shuffle=is_train)


def evaluate_loss(net, data_iter, loss):
    with torch.no_grad():
        total = count = 0
        for X, y in data_iter:
            l = loss(net(X), y)
            total += l.sum().item()
            count += l.numel()
    return total / count


def make_iterators():
    torch.manual_seed(0)
    train_data = synthetic_data(true_w, true_b, n_train)
    test_data = synthetic_data(true_w, true_b, n_test)
    return load_array(train_data, batch_size), load_array(test_data, batch_size, is_train=False)
