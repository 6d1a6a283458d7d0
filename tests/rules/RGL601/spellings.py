"""Variable, as it was."""
# quiet RGL305 -- evaluations with gradients are what volatile= was to prevent

import torch
from torch.autograd import Variable

x = Variable(torch.randn(3))  # want RGL601:note
w = torch.autograd.Variable(torch.zeros(3), requires_grad=True)  # want RGL601:note
v = Variable(torch.randn(3), volatile=True)  # want RGL601:warning "volatile"

with torch.no_grad():
    u = Variable(torch.randn(3), volatile=True)  # want RGL601:note "volatile"


def batch(source, evaluating=False):
    return Variable(source, volatile=evaluating)  # want RGL601:note "volatile"


print(batch(x))
with torch.inference_mode():
    print(batch(x, evaluating=True))


def sample(source, evaluating):
    return Variable(source, volatile=evaluating)  # want RGL601:warning "volatile"


print(sample(x, True))
with torch.no_grad():
    print(sample(x, True))


def evaluate(model, batches):
    for image, label in batches:
        image, label = Variable(image, volatile=True), Variable(label, volatile=True)  # want RGL601:warning RGL601:note
        print(torch.nn.functional.cross_entropy(model(image), label))


evaluate(torch.nn.Linear(2, 2).eval(), [(torch.randn(4, 2), torch.zeros(4).long())])


def peaks(heat):
    pool = torch.nn.MaxPool2d(3, 1, 1)
    seen = Variable(torch.Tensor(heat), volatile=True)  # want RGL601:note "volatile= has no effect since torch 0.4"
    return (seen * torch.eq(pool(seen), seen).float()).numpy()


def refined(heat):
    layer = torch.nn.Conv2d(1, 1, 3)
    seen = Variable(torch.Tensor(heat), volatile=True)  # want RGL601:warning "gradients are recorded"
    return layer(nn.MaxPool2d(3, 1, 1)(seen)).numpy()
