import torch
from torch.utils.data import DataLoader, TensorDataset


def get_loaders(batch_size):
    centers = 0.7 * torch.randn(5, 32)
    loaders = []
    for size, shuffle in ((1024, True), (256, False)):
        labels = torch.randint(0, 5, (size,))
        inputs = centers[labels] + 2 * torch.randn(size, 32)
        loaders.append(DataLoader(TensorDataset(inputs, labels), batch_size, shuffle=shuffle))
    return loaders
