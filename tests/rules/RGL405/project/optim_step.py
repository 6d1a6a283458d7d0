import torch


def optimize(loss, model, optimizer, max_norm):
    optimizer.zero_grad()
    torch.nn.utils.clip_grad_norm_(model.parameters(), max_norm)  # want RGL405:error
    loss.backward()
    optimizer.step()
