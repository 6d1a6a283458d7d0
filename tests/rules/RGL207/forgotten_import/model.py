from torch import nn


class Classifier(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.fc = nn.Linear(width, 4)
        self.softmax = nn.Softmax(dim=1)

    def forward(self, x):
        return self.softmax(self.fc(x))

    def add_loss(self, loss):
        self.loss = loss

    def run_epoch(self, loader, optimizer):
        for x, y in loader:
            optimizer.zero_grad()
            self.loss(self.__call__(x), y).backward()  # want RGL207
            optimizer.step()
