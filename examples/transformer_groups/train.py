import torch
import torch.nn.functional as F

from model import Transformer
from optim import configure_optimizer

learning_rate = 1e-3
weight_decay = 0.1
grad_clip = 1.0
max_iters = 60


def get_batch(size=32, length=17):
    """Sequences that count up from a random start."""
    start = torch.randint(0, 32, (size, 1))
    data = (start + torch.arange(length)) % 32
    return data[:, :-1], data[:, 1:]


torch.manual_seed(0)
model = Transformer()
optimizer = configure_optimizer(model, learning_rate, weight_decay)
model.train()
for step in range(max_iters):
    inputs, targets = get_batch()
    logits = model(inputs)
    loss = F.cross_entropy(logits.view(-1, logits.size(-1)), targets.reshape(-1))
    optimizer.zero_grad(set_to_none=True)
    loss.backward()
    optimizer.step()
    torch.nn.utils.clip_grad_norm_(model.parameters(), grad_clip)
    if step % 20 == 0:
        print(f"step {step}  loss {loss.item():.3f}")

model.eval()
inputs, targets = get_batch()
with torch.no_grad():
    print(f"accuracy {(model(inputs).argmax(dim=-1) == targets).float().mean().item():.2f}")
