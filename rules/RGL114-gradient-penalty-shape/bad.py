"""A gradient penalty over images that takes the norm over the channels, pixel by pixel."""

import torch
from torch import nn

torch.manual_seed(0)
real, fake = torch.randn(16, 3, 8, 8), torch.randn(16, 3, 8, 8)
critic = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.LeakyReLU(0.2), nn.Flatten(), nn.Linear(8 * 8 * 8, 1))
optimizer = torch.optim.Adam(critic.parameters(), lr=1e-4)

alpha = torch.rand(16, 1, 1, 1)
mixed = (alpha * real + (1 - alpha) * fake).requires_grad_(True)
(gradients,) = torch.autograd.grad(critic(mixed).sum(), mixed, create_graph=True)
norms = gradients.norm(2, dim=1)
loss = critic(fake).mean() - critic(real).mean() + 10 * ((norms - 1) ** 2).mean()
optimizer.zero_grad()
loss.backward()
optimizer.step()
print(f"{norms.numel()} norms for 16 images, of mean {norms.mean():.4f}")
