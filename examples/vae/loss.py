import torch
import torch.nn.functional as F


def vae_loss(recon, x, mu, log_var):
    recon_loss = F.mse_loss(recon, x)
    kl_loss = -0.5 * torch.sum(1 + log_var - mu.pow(2) - log_var.exp())
    return recon_loss + kl_loss, recon_loss, kl_loss
