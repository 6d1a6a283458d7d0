"""The mean of kl_div divides by the number of classes as well."""

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.nn import KLDivLoss

criterion = nn.KLDivLoss()  # want RGL205
imported = KLDivLoss(reduction="mean")  # want RGL205
with_log_target = nn.KLDivLoss(log_target=True)  # want RGL205


def distillation(student_logits, teacher_logits, labels, T=4.0, alpha=0.9):
    soft = F.kl_div(F.log_softmax(student_logits / T, dim=1), F.softmax(teacher_logits / T, dim=1)) * (T * T)  # want RGL205
    return alpha * soft + (1 - alpha) * F.cross_entropy(student_logits, labels)


class Distiller(nn.Module):
    def __init__(self, T=2.0):
        super().__init__()
        self.T = T
        self.kl = nn.KLDivLoss(reduction="mean")  # want RGL205

    def forward(self, student, teacher):
        return self.kl(F.log_softmax(student / self.T, dim=1), F.softmax(teacher / self.T, dim=1)) * self.T ** 2


def consistency(logits_a, logits_b):
    p = F.softmax(logits_a, dim=-1)
    loss = F.kl_div(F.log_softmax(logits_b, dim=-1), p, reduction="mean")  # want RGL205
    return loss


def both_directions(p, q):
    forward = torch.nn.functional.kl_div(p.log(), q)  # want RGL205
    backward = torch.nn.functional.kl_div(q.log(), p)  # want RGL205
    return (forward + backward) / 2


class Maps(nn.Module):
    def __init__(self):
        super().__init__()
        self.classes = nn.Conv2d(3, 5, 1)

    def forward(self, x):
        return F.interpolate(self.classes(x), scale_factor=2)


def of_maps(loader, teacher):
    student = Maps()
    criterion = nn.KLDivLoss()  # want RGL205
    optimizer = torch.optim.SGD(student.parameters(), lr=0.1)
    for x in loader:
        optimizer.zero_grad()
        criterion(F.log_softmax(student(x), dim=1), teacher(x).softmax(1)).backward()
        optimizer.step()


def normalised_by_hand(scores, q):
    log_p = scores - torch.logsumexp(scores, dim=-1, keepdim=True)
    loss = nn.KLDivLoss()(log_p, q)  # want RGL205
    return loss + F.kl_div(torch.log(scores / scores.sum(-1, keepdim=True)), q)  # want RGL205
