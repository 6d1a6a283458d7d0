"""The program of a blog: dropout, two thousand steps on the whole table, then a prediction."""
# quiet RGL305 -- the prediction keeps the graph, which costs memory only
# quiet RGL601 -- Variable is how this was written then

import numpy as np
import torch
from torch.autograd import Variable

xy = np.loadtxt("./data/diabetes.csv.gz", delimiter=",", dtype=np.float32)
x_data = torch.from_numpy(xy[:, 0:-1])
y_data = torch.from_numpy(xy[:, [-1]])


class Model(torch.nn.Module):
    def __init__(self):
        super(Model, self).__init__()
        self.l1 = torch.nn.Linear(8, 60)
        self.l2 = torch.nn.Linear(60, 1)
        self.sigmoid = torch.nn.Sigmoid()
        self.dropout = torch.nn.Dropout(p=0.5)

    def forward(self, x):
        out = self.dropout(self.sigmoid(self.l1(x)))
        return self.sigmoid(self.l2(out))


model = Model()
criterion = torch.nn.BCELoss()
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for epoch in range(2000):
    y_pred = model(x_data)
    loss = criterion(y_pred, y_data)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

hour_var = Variable(torch.randn(1, 8))
print("predict", model(hour_var).data[0] > 0.5)  # want RGL301
