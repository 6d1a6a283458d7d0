import torch.nn as nn

class LogisticRegression(nn.Module):
def __init__(self, n_input_features):  # want RGL900
super(LogisticRegression, self).__init__()
