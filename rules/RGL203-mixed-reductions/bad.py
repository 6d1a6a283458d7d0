"""A VAE that averages the reconstruction over all pixels and sums the divergence over the whole batch."""

import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    """A small variational autoencoder."""

    def __init__(self, pixels=784, hidden=64, latent=8):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(pixels, hidden), nn.ReLU())
        self.mu = nn.Linear(hidden, latent)
        self.log_var = nn.Linear(hidden, latent)
        self.decoder = nn.Sequential(nn.Linear(latent, hidden), nn.ReLU(), nn.Linear(hidden, pixels), nn.Sigmoid())

    def forward(self, x):
        hidden = self.encoder(x)
        mu, log_var = self.mu(hidden), self.log_var(hidden)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        return self.decoder(z), mu, log_var


torch.manual_seed(0)
x = torch.rand(128, 784)
model = VAE()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

recon, mu, log_var = model(x)
recon_loss = F.mse_loss(recon, x)
kl_loss = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
loss = recon_loss + kl_loss
optimizer.zero_grad()
loss.backward()
optimizer.step()

error = ((recon - x) ** 2).sum().item()
print(f"weight of the divergence against the evidence bound: {error / recon_loss.item():.0f}")
