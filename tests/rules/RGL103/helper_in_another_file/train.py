import torch
from torch import nn

import config
from regularizers import l2_regularization


def main():
    torch.manual_seed(config.SEED)
    model = nn.Sequential(nn.Linear(20, 40), nn.ReLU(), nn.Linear(40, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=config.LR, momentum=0.9)
    criterion = nn.CrossEntropyLoss()
    for epoch in range(config.EPOCHS):
        x, y = torch.randn(64, 20), torch.randint(0, 2, (64,))
        loss = criterion(model(x), y) + config.L2_LAMBDA * l2_regularization(model)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
