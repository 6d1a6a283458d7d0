import torch.nn as nn
import torch.nn.functional as F


def kd_loss_fn(outputs, labels, teacher_outputs, params):
    alpha, T = params["alpha"], params["temperature"]
    kd = nn.KLDivLoss()(F.log_softmax(outputs / T, dim=1), F.softmax(teacher_outputs / T, dim=1))  # want RGL205
    return kd * (alpha * T * T) + F.cross_entropy(outputs, labels) * (1.0 - alpha)
