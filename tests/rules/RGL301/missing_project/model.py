from torch import nn


class TextClassifier(nn.Module):
    def __init__(self, args):
        super().__init__()
        self.embed = nn.Embedding(args.vocab_size, args.dim)
        self.dropout = nn.Dropout(args.dropout)
        self.fc = nn.Linear(args.dim, args.classes)

    def forward(self, tokens):
        return self.fc(self.dropout(self.embed(tokens).mean(dim=1)))
