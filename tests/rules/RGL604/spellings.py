"""Names that are on their way out, and those of today."""

import torch
from torch import nn

model = nn.Linear(20, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
scheduler = torch.optim.lr_scheduler.StepLR(optimizer, step_size=3)
scaler = torch.cuda.amp.GradScaler()  # want RGL604
today = torch.amp.GradScaler("cuda")
for epoch in range(3):
    optimizer.zero_grad()
    with torch.cuda.amp.autocast():  # want RGL604
        loss = model(torch.randn(8, 20)).mean()
    loss.backward()
    nn.utils.clip_grad_norm(model.parameters(), 1.0)  # want RGL604
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    scheduler.step(epoch)  # want RGL604
    print(scheduler.get_lr(), scheduler.get_last_lr())  # want RGL604
