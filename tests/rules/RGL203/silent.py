"""The reductions agree, or something makes up for the difference."""
# quiet RGL112 -- the penalty over parameters may have its strength explained
# quiet RGL603 -- how old weights are copied is not the point here

import torch
from torch import nn
from torch.nn import functional as F


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1 = nn.Linear(784, 400)
        self.fc21 = nn.Linear(400, 20)
        self.fc22 = nn.Linear(400, 20)
        self.fc3 = nn.Linear(20, 784)

    def forward(self, x):
        hidden = F.relu(self.fc1(x))
        mu, logvar = self.fc21(hidden), self.fc22(hidden)
        z = mu + torch.randn_like(mu) * torch.exp(0.5 * logvar)
        return torch.sigmoid(self.fc3(z)), mu, logvar


def divergence(mu, logvar):
    return -0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp())


def fit(loader, objective):
    model = VAE()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step, (x, _) in enumerate(loader):
        recon, mu, logvar = model(x)
        loss = objective(recon, x, mu, logvar, step)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def both_sums(loader):
    fit(loader, lambda recon, x, mu, logvar, step: F.binary_cross_entropy(recon, x, reduction="sum") + divergence(mu, logvar))


def sum_divided_by_the_batch(loader):
    fit(loader, lambda recon, x, mu, logvar, step: F.mse_loss(recon, x) + divergence(mu, logvar) / x.size(0))


def sum_divided_by_the_elements(loader):
    fit(loader, lambda recon, x, mu, logvar, step: F.mse_loss(recon, x) + divergence(mu, logvar) / x.numel())


def mean_multiplied_back(loader):
    fit(loader, lambda recon, x, mu, logvar, step: F.mse_loss(recon, x) * x.numel() + divergence(mu, logvar))


def small_constant(loader):
    fit(loader, lambda recon, x, mu, logvar, step: F.mse_loss(recon, x) + 1e-4 * divergence(mu, logvar))


def annealed(loader):
    def objective(recon, x, mu, logvar, step):
        beta = min(1.0, step / 10000)
        return F.mse_loss(recon, x) + beta * divergence(mu, logvar)

    fit(loader, objective)


def per_sample_sums_then_mean(loader):
    def objective(recon, x, mu, logvar, step):
        reconstruction = ((recon - x) ** 2).sum(dim=1).mean()
        kld = (-0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(dim=1)).mean()
        return reconstruction + kld

    fit(loader, objective)


def two_means(loader):
    def objective(recon, x, mu, logvar, step):
        return F.mse_loss(recon, x) + torch.mean(-0.5 * torch.sum(1 + logvar - mu.pow(2) - logvar.exp(), dim=1))

    fit(loader, objective)


def penalty_over_parameters_is_a_sum(loader):
    model = nn.Linear(20, 2)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    for x, y in loader:
        l1 = sum(p.abs().sum() for p in model.parameters())
        loss = F.cross_entropy(model(x), y) + 1e-5 * l1
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()


def two_losses_in_two_steps(loader):
    encoder, critic = nn.Linear(20, 4), nn.Linear(4, 1)
    opt_e = torch.optim.Adam(encoder.parameters(), lr=1e-3)
    opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3)
    for x, y in loader:
        opt_c.zero_grad()
        F.mse_loss(critic(encoder(x).detach()), y, reduction="sum").backward()
        opt_c.step()
        opt_e.zero_grad()
        F.mse_loss(critic(encoder(x)), y).backward()
        opt_e.step()


def unknown_reduction(loader, reduction):
    def objective(recon, x, mu, logvar, step):
        return F.mse_loss(recon, x, reduction=reduction) + divergence(mu, logvar)

    fit(loader, objective)


def timed(function, inputs):
    """What a benchmark differentiates is no objective: the gradient is a random one."""
    out = function(*inputs)
    total = sum(o.exp().sum() for o in out if isinstance(o, torch.Tensor))
    total.backward(torch.randn_like(total))


def two_outputs(x, y):
    return (x - y).pow(2), F.mse_loss(x, y)


timed(two_outputs, (torch.randn(8, 4, requires_grad=True), torch.randn(8, 4)))


def seeded(x, y):
    loss = F.mse_loss(x, y) + (x - y).abs().sum()
    loss.backward(torch.randn_like(loss))


seeded(torch.randn(8, 4, requires_grad=True), torch.randn(8, 4))


class Consolidated(nn.Module):
    """A pull towards the weights of earlier tasks, kept in lists that other calls fill: a penalty, which is a sum."""

    def __init__(self, options):
        super().__init__()
        self.net = nn.Linear(5, 5)
        self.strength = options.strength
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)
        self.importance, self.old = {}, {}

    def remember(self, task, x, y):
        self.net.zero_grad()
        F.cross_entropy(self.net(x), y).backward()
        self.importance[task] = [p.grad.data.clone().pow(2) for p in self.net.parameters()]
        self.old[task] = [p.data.clone() for p in self.net.parameters()]

    def observe(self, x, y, task):
        self.optimizer.zero_grad()
        loss = F.cross_entropy(self.net(x), y)
        for earlier in range(task):
            for i, p in enumerate(self.net.parameters()):
                pull = self.strength * self.importance[earlier][i]
                pull = pull * (p - self.old[earlier][i]).pow(2)
                loss += pull.sum()
        loss.backward()
        self.optimizer.step()


class OverRows(nn.Module):
    def __init__(self):
        super().__init__()
        self.encode, self.decode, self.predict = nn.Linear(4, 8), nn.Linear(8, 5), nn.Linear(8, 1)
        self.words = nn.CrossEntropyLoss(reduction="sum")

    def forward(self, rows):
        rows, targets = zip(*rows)
        hidden = self.encode(torch.stack(rows))
        labels = torch.zeros(len(rows)).long()
        return self.words(self.decode(hidden), labels) / len(rows) + F.mse_loss(self.predict(hidden).squeeze(1), torch.tensor(targets))


def columns_of_rows(loader):
    model = OverRows()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for rows in loader:
        optimizer.zero_grad()
        model(rows).backward()
        optimizer.step()
