import torch
import torch.nn.functional as F

from gcn import GCN

model = GCN(16, 8, 3, dropout=0.5)
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
features, adj, labels = torch.randn(30, 16), torch.eye(30), torch.randint(0, 3, (30,))


def train(epoch):
    model.train()
    optimizer.zero_grad()
    loss = F.nll_loss(model(features, adj)[:20], labels[:20])
    loss.backward()
    optimizer.step()


def test():
    model.eval()
    with torch.no_grad():
        output = model(features, adj)
    print(f"test loss {F.nll_loss(output[20:], labels[20:]).item():.4f}")


for epoch in range(10):
    train(epoch)
test()
