"""The blog's comparison of a network with and without dropout; its plots are left out."""

import torch

from data import line

torch.manual_seed(1)  # Sets the seed for generating random numbers.reproducible
N_SAMPLES = 20
N_HIDDEN = 300

# training data
x, y = line(N_SAMPLES)
print('x.size()', x.size())
# test data
test_x, test_y = line(N_SAMPLES)

net_overfitting = torch.nn.Sequential(
    torch.nn.Linear(1, N_HIDDEN),
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, N_HIDDEN),
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, 1),
)

net_dropped = torch.nn.Sequential(
    torch.nn.Linear(1, N_HIDDEN),
    torch.nn.Dropout(0.5),  # 0.5的概率失活
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, N_HIDDEN),
    torch.nn.Dropout(0.5),
    torch.nn.ReLU(),
    torch.nn.Linear(N_HIDDEN, 1),
)

optimizer_ofit = torch.optim.Adam(net_overfitting.parameters(), lr=0.001)
optimizer_drop = torch.optim.Adam(net_dropped.parameters(), lr=0.01)
loss = torch.nn.MSELoss()

for epoch in range(500):
    pred_ofit = net_overfitting(x)
    pred_drop = net_dropped(x)

    loss_ofit = loss(pred_ofit, y)
    loss_drop = loss(pred_drop, y)

    optimizer_ofit.zero_grad()
    optimizer_drop.zero_grad()

    loss_ofit.backward()
    loss_drop.backward()

    optimizer_ofit.step()
    optimizer_drop.step()

    if epoch % 50 == 0:
        net_overfitting.eval()  # 将神经网络转换成测试形式,此时不会对神经网络dropout
        net_dropped.eval()  # 此时不会对神经网络dropout

        test_pred_ofit = net_overfitting(test_x)
        test_pred_drop = net_dropped(test_x)

        print('epoch %3d  overfitting loss=%.2f  dropout loss=%.2f' % (
            epoch, loss(test_pred_ofit, test_y).data.numpy(), loss(test_pred_drop, test_y).data.numpy()))

        net_overfitting.train()
        net_dropped.train()
