import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, hidden, dropout, classes=5):
        super().__init__()
        self.fc1 = nn.Linear(32, hidden)
        self.dropout = nn.Dropout(dropout)
        self.fc2 = nn.Linear(hidden, classes)

    def forward(self, x):
        return self.fc2(self.dropout(F.relu(self.fc1(x))))

    def l2_regularization(self):
        """Sum of the squares of all parameters."""
        total = 0.0
        for param in self.parameters():
            total = total + param.pow(2).sum()
        return total
