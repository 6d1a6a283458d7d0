import torch
import torch.nn as nn


class Trainer:
    def __init__(self, model, args):
        self.model = model
        self.args = args
        self.criterion = nn.CrossEntropyLoss()
        self.optimizer = torch.optim.SGD(
            model.parameters(),
            lr=args.lr,
            momentum=args.momentum,
            weight_decay=args.weight_decay,
        )

    def fit(self, train_loader, val_loader):
        self.model.train()
        for epoch in range(self.args.epochs):
            train_loss = self.train_epoch(train_loader)
            accuracy = self.evaluate(val_loader)
            print(f"epoch {epoch}  loss {train_loss:.4f}  accuracy {accuracy:.3f}")

    def train_epoch(self, loader):
        running = 0.0
        for inputs, labels in loader:
            loss = self.criterion(self.model(inputs), labels)
            loss = loss + self.args.l2 * self.model.l2_regularization()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
            running += loss.item()
        return running / len(loader)

    @torch.no_grad()
    def evaluate(self, loader):
        self.model.eval()
        correct = total = 0
        for inputs, labels in loader:
            correct += (self.model(inputs).argmax(dim=1) == labels).sum().item()
            total += len(labels)
        return correct / total
