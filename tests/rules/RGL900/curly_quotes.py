"""Quotes of a web page."""
import torch

loss = torch.nn.MSELoss(reduction=‘none’)  # want RGL900
