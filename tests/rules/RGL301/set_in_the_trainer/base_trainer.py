class BaseTrainer:
    def __init__(self, model, optimizer):
        self.model = model
        self.optimizer = optimizer

    def run(self, epochs, train_loader, val_loader):
        for _ in range(epochs):
            self.model.train()
            self.train_epoch(train_loader)
            self.model.eval()
            self.validate(val_loader)
