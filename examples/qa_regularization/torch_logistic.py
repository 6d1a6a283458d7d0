"""The question's PyTorch code: logistic regression, L2 by weight_decay."""

import torch
import torch.nn as nn
from torch.utils.data import DataLoader

from data import Data


class LogisticRegression(nn.Module):
    def __init__(self, n_input_features):
        super(LogisticRegression, self).__init__()
        self.linear = nn.Linear(4, 1)
        self.linear.weight.data.fill_(0.0)
        self.linear.bias.data.fill_(0.0)

    def forward(self, x):
        y_predicted = torch.sigmoid(self.linear(x))
        return y_predicted


model = LogisticRegression(4)

criterion = nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05, weight_decay=0.1)
dataset = Data()
train_data = DataLoader(dataset=dataset, batch_size=1096, shuffle=False)

num_epochs = 50
for epoch in range(num_epochs):
    for x, y in train_data:
        y_pred = model(x)
        loss = criterion(y_pred, y)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()

print("loss", round(loss.item(), 4))
print("bias", [round(v, 4) for v in model.linear.bias.tolist()], "weights", [round(v, 4) for v in model.linear.weight[0].tolist()])
