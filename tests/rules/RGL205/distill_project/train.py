import torch
from torch import nn

from distill import kd_loss_fn

PARAMS = {"alpha": 0.9, "temperature": 4.0, "lr": 1e-3}


def main():
    teacher, student = nn.Linear(20, 10), nn.Linear(20, 10)
    optimizer = torch.optim.SGD(student.parameters(), lr=PARAMS["lr"])
    for _ in range(100):
        x, y = torch.randn(32, 20), torch.randint(0, 10, (32,))
        with torch.no_grad():
            soft = teacher(x)
        loss = kd_loss_fn(student(x), y, soft, PARAMS)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


if __name__ == "__main__":
    main()
