import torch
import torch.nn.functional as F


def elbo(recon, target, mu, log_var):
    recon_loss = F.mse_loss(recon, target)
    kl_loss = -0.5 * torch.sum(1 + log_var - mu ** 2 - log_var.exp())
    loss = recon_loss + kl_loss  # want RGL203
    return {"loss": loss, "reconstruction": recon_loss.detach(), "kl": kl_loss.detach()}
