import torch
from torch.utils.data import DataLoader, TensorDataset

from loss import vae_loss
from model import VAE


def bars(n):
    """Pictures of 12 by 12 pixels with a few bright rows."""
    rows = (torch.rand(n, 12, 1) < 0.2).float()
    return (0.1 + 0.8 * rows).expand(n, 12, 12).reshape(n, 144)


def main():
    torch.manual_seed(0)
    loader = DataLoader(TensorDataset(bars(1024)), batch_size=64, shuffle=True)
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3, weight_decay=1e-5)
    for epoch in range(5):
        for (x,) in loader:
            recon, mu, log_var = model(x)
            loss, recon_loss, kl_loss = vae_loss(recon, x, mu, log_var)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch}  reconstruction {recon_loss.item():.4f}  divergence {kl_loss.item():.4f}")


if __name__ == "__main__":
    main()
