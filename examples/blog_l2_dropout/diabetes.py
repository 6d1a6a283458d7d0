"""The blog's first program: dropout and weight_decay on a table of 759 patients (synthetic here)."""

import torch
from torch.autograd import Variable

from data import patients

x_data, y_data = patients()
print(x_data.size(), y_data.size())


# 建立网络模型
class Model(torch.nn.Module):

    def __init__(self):
        super(Model, self).__init__()
        self.l1 = torch.nn.Linear(8, 60)
        self.l2 = torch.nn.Linear(60, 4)
        self.l3 = torch.nn.Linear(4, 1)
        self.sigmoid = torch.nn.Sigmoid()
        self.dropout = torch.nn.Dropout(p=0.5)

    def forward(self, x):
        out1 = self.sigmoid(self.l1(x))
        out2 = self.dropout(out1)
        out3 = self.sigmoid(self.l2(out2))
        out4 = self.dropout(out3)
        y_pred = self.sigmoid(self.l3(out4))
        return y_pred


# our model
torch.manual_seed(0)
model = Model()
criterion = torch.nn.BCELoss(size_average=True)
# optimizer=torch.optim.SGD(model.parameters(),lr=0.1)
optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.1)
# weight_decay是L2正则
# training loop
Loss = []
for epoch in range(200):
    y_pred = model(x_data)
    loss = criterion(y_pred, y_data)
    if epoch % 20 == 0:
        print("epoch = ", epoch, " loss = ", loss.data)

    optimizer.zero_grad()
    loss.backward()
    optimizer.step()

hour_var = Variable(torch.randn(1, 8))
print("predict", model(hour_var).data[0] > 0.5)
