"""A mean and a sum in one objective."""

import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 784)

    def forward(self, x):
        hidden = F.relu(self.fc1(x))
        mu, logvar = self.fc21(hidden), self.fc22(hidden)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.fc3(z)), mu, logvar


def mean_of_pixels_and_sum_of_divergence(loader):
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for x, _ in loader:
        recon, mu, logvar = model(x)
        bce = F.binary_cross_entropy(recon, x)
        kld = -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())
        loss = bce + kld  # want RGL203
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def loss_function(recon_x, x, mu, logvar):
    mse = nn.MSELoss()
    reconstruction = mse(recon_x, x)
    kld_element = mu.pow(2).add_(logvar.exp()).mul_(-1).add_(1).add_(logvar)
    kld = torch.sum(kld_element).mul_(-0.5)
    return reconstruction + kld  # want RGL203


def through_a_loss_function(loader):
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for x, _ in loader:
        recon, mu, logvar = model(x)
        loss = loss_function(recon, x, mu, logvar)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def two_criteria(loader):
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    criterion = nn.MSELoss()
    criterion_sum = nn.L1Loss(reduction="sum")
    for x, _ in loader:
        recon, _, _ = model(x)
        loss = criterion(recon, x) + criterion_sum(recon, x)  # want RGL203
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
