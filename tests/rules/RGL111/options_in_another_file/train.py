import torch
from torch import nn

from options import get_parser

args = get_parser().parse_args()
model = nn.Linear(5, 1, bias=False)
optimizer = torch.optim.SGD(model.parameters(), lr=args.lr, weight_decay=args.l2)  # want RGL111:error "2.5"
for _ in range(10):
    x, y = torch.randn(8, 5), torch.randn(8, 1)
    optimizer.zero_grad()
    nn.functional.mse_loss(model(x), y).backward()
    optimizer.step()
