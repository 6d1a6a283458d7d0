"""Training mode is wanted."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(20, 40)
        self.drop = nn.Dropout(0.2)
        self.fc2 = nn.Linear(40, 2)

    def forward(self, x):
        return self.fc2(self.drop(F.relu(self.fc1(x))))


class Generator(nn.Module):
    def __init__(self):
        super().__init__()
        self.main = nn.Sequential(nn.Linear(16, 64), nn.BatchNorm1d(64), nn.ReLU(), nn.Linear(64, 20), nn.Tanh())

    def forward(self, z):
        return self.main(z)


def mc_dropout(x, samples=100):
    """Uncertainty by Monte Carlo dropout."""
    model = Net()
    model.train()  # dropout stays on to sample
    with torch.no_grad():
        predictions = torch.stack([model(x).softmax(dim=1) for _ in range(samples)])
    return predictions.mean(0), predictions.std(0)


def gan_samples_while_training(loader):
    generator, critic = Generator(), nn.Linear(20, 1)
    opt_g = torch.optim.Adam(generator.parameters(), lr=2e-4)
    opt_c = torch.optim.Adam(critic.parameters(), lr=2e-4)
    fixed_noise = torch.randn(16, 16)
    for real in loader:
        fake = generator(torch.randn(len(real), 16))
        opt_c.zero_grad()
        (F.softplus(critic(fake.detach())) + F.softplus(-critic(real))).mean().backward()
        opt_c.step()
        opt_g.zero_grad()
        F.softplus(-critic(fake)).mean().backward()
        opt_g.step()
        with torch.no_grad():
            samples = generator(fixed_noise)
        print(samples.mean().item())


def re_estimation_of_batch_statistics(loader):
    model = nn.Sequential(nn.Linear(20, 40), nn.BatchNorm1d(40), nn.ReLU(), nn.Linear(40, 2))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm1d):
            module.reset_running_stats()
            module.momentum = None
    model.train()
    with torch.no_grad():
        for x, _ in loader:
            model(x)
    return model


class Evaluator:
    def eval(self, output, target):
        return (output.argmax(1) == target).float().mean()


def a_method_that_is_merely_called_eval(x, y):
    model = Net()
    model.eval()
    with torch.no_grad():
        return Evaluator().eval(model(x), y)


def the_last_batch_only(episodes, held_out):
    """As in few-shot learning: with a momentum of 1 nothing is averaged over training, every task is normalised by itself."""
    encoder = nn.Sequential(nn.Conv2d(1, 8, 3), nn.BatchNorm2d(8, momentum=1), nn.ReLU(), nn.Flatten(), nn.LazyLinear(5))
    optimizer = torch.optim.Adam(encoder.parameters())
    for x, y in episodes:
        optimizer.zero_grad()
        F.cross_entropy(encoder(x), y).backward()
        optimizer.step()
    correct = 0
    for test_x, test_y in held_out:
        correct += (encoder(test_x).argmax(1) == test_y).sum().item()  # want RGL305:note
    return correct


def pretrained(path):
    model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
    model.load_state_dict(torch.load(path))
    return model


if __name__ == "__main__":
    from torch.autograd import Variable

    net = pretrained("weights.pt")
    example = Variable(torch.randn(1, 3, 64, 64))  # want RGL601
    net(example)
