import torch
from torch import nn

from loss_scaler import NativeScaler

model = nn.Linear(20, 2)
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3, weight_decay=0.0)
loss_scaler = NativeScaler()
criterion = nn.CrossEntropyLoss()
for _ in range(10):
    x, y = torch.randn(8, 20), torch.randint(0, 2, (8,))
    with torch.autocast("cuda"):
        loss = criterion(model(x), y)
    optimizer.zero_grad()
    loss_scaler(loss, optimizer, model.parameters(), clip_grad=1.0)
