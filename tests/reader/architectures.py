"""Models of many kinds, as source text. Each defines `model` and needs torch, nn and F alone."""

HEADER = "import torch\nfrom collections import OrderedDict\nfrom torch import nn\nimport torch.nn.functional as F\n"

ARCHITECTURES = {
    "sequential": """
model = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.Dropout(0.3), nn.Flatten(), nn.Linear(8, 2, bias=False))
""",
    "ordered_dict": """
model = nn.Sequential(OrderedDict([("conv", nn.Conv1d(3, 8, 3)), ("norm", nn.GroupNorm(2, 8)), ("act", nn.PReLU())]))
""",
    "ordered_dict_by_item": """
layers = OrderedDict()
layers["fc1"] = nn.Linear(2, 3)
layers["drop"] = nn.Dropout(0.1)
layers["fc2"] = nn.Linear(3, 1)
model = nn.Sequential(layers)
""",
    "module_list": """
class Net(nn.Module):
    def __init__(self, depth):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(4, 4) for _ in range(depth)])
        self.norms = nn.ModuleList()
        for _ in range(depth):
            self.norms.append(nn.LayerNorm(4))
    def forward(self, x):
        for layer, norm in zip(self.layers, self.norms):
            x = norm(layer(x))
        return x
model = Net(3)
""",
    "module_dict": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.heads = nn.ModuleDict({"a": nn.Linear(4, 2), "b": nn.Bilinear(4, 4, 2)})
        self.heads["c"] = nn.Embedding(10, 4)
        self.acts = nn.ModuleDict([["relu", nn.ReLU()], ["prelu", nn.PReLU()]])
model = Net()
""",
    "inheritance": """
class Base(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first = nn.Linear(2, width)
        self.build(width)
    def build(self, width):
        self.second = nn.Linear(width, width)
class Child(Base):
    def __init__(self):
        super(Child, self).__init__(5)
        self.third = nn.BatchNorm1d(5, affine=False)
    def build(self, width):
        self.second = nn.Sequential(nn.Linear(width, 3), nn.Dropout())
model = Child()
""",
    "replaced": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(3, 3)
        self.head = nn.Linear(3, 3)
        self.tail = nn.Linear(3, 3)
model = Net()
model.body = nn.Sequential(nn.Linear(3, 1), nn.Dropout(0.2))
del model.tail
model.head = nn.Identity()
""",
    "shared": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        block = nn.Linear(3, 3)
        self.a = block
        self.b = block
        self.c = nn.Sequential(block, nn.ReLU(), block)
        self.d = nn.Linear(3, 3)
model = Net()
""",
    "tied": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(10, 4)
        self.head = nn.Linear(4, 10, bias=False)
        self.head.weight = self.embed.weight
model = Net()
""",
    "recurrent": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(4, 8, num_layers=2, bidirectional=True, dropout=0.3, batch_first=True)
        self.gru = nn.GRU(8, 8, 1, bias=False)
        self.cell = nn.LSTMCell(8, 8)
        self.rnn = nn.RNN(8, 8, nonlinearity="relu")
model = Net()
""",
    "lstm_projected": """
model = nn.LSTM(4, 8, proj_size=3)
""",
    "attention": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.attn = nn.MultiheadAttention(8, 2, dropout=0.1)
        self.cross = nn.MultiheadAttention(8, 2, kdim=4, vdim=4, bias=False)
        self.key = nn.MultiheadAttention(8, 2, add_bias_kv=True)
model = Net()
""",
    "transformer_encoder": """
layer = nn.TransformerEncoderLayer(d_model=8, nhead=2, dim_feedforward=16)
model = nn.TransformerEncoder(layer, num_layers=2, norm=nn.LayerNorm(8), enable_nested_tensor=False)
""",
    "transformer": """
model = nn.Transformer(d_model=8, nhead=2, num_encoder_layers=1, num_decoder_layers=2, dim_feedforward=16)
""",
    "custom_norm": """
class RMSNorm(nn.Module):
    def __init__(self, dim, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(dim))
        self.register_buffer("count", torch.zeros(1))
    def forward(self, x):
        return self.weight * x
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_parameter("scale", nn.Parameter(torch.randn(3, 4)))
        self.norm = RMSNorm(4)
        self.pos = nn.Parameter(torch.zeros((1, 5, 4)), requires_grad=False)
        self.plain = torch.zeros(4)
        self.register_parameter("none", None)
model = Net()
""",
    "blocks_in_loops": """
def block(cin, cout, drop):
    layers = [nn.Conv2d(cin, cout, 3, padding=1, bias=False), nn.BatchNorm2d(cout), nn.ReLU(inplace=True)]
    if drop:
        layers += [nn.Dropout2d(drop)]
    return nn.Sequential(*layers)
class Net(nn.Module):
    def __init__(self, widths=(4, 8, 16), classes=3):
        super().__init__()
        stages = []
        cin = 3
        for i, width in enumerate(widths):
            stages.append(block(cin, width, 0.1 if i > 0 else 0))
            cin = width
        self.stages = nn.Sequential(*stages)
        self.head = nn.Linear(cin, classes)
model = Net()
""",
    "vgg": """
CFG = {"A": [4, "M", 8, "M"], "B": [4, 4, "M"]}
def make(cfg, bn=False):
    layers = []
    cin = 3
    for v in cfg:
        if v == "M":
            layers += [nn.MaxPool2d(2)]
        else:
            conv = nn.Conv2d(cin, v, 3)
            if bn:
                layers += [conv, nn.BatchNorm2d(v), nn.ReLU()]
            else:
                layers += [conv, nn.ReLU()]
            cin = v
    return nn.Sequential(*layers)
class VGG(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.features = features
        self.classifier = nn.Sequential(nn.Linear(8, 4), nn.ReLU(True), nn.Dropout())
model = VGG(make(CFG["A"], bn=True))
""",
    "resnet": """
class Block(nn.Module):
    expansion = 1
    def __init__(self, cin, planes, stride=1):
        super().__init__()
        self.conv1 = nn.Conv2d(cin, planes, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.shortcut = nn.Sequential()
        if stride != 1 or cin != self.expansion * planes:
            self.shortcut = nn.Sequential(nn.Conv2d(cin, planes, 1, bias=False), nn.BatchNorm2d(planes))
class ResNet(nn.Module):
    def __init__(self, block, num_blocks):
        super().__init__()
        self.cin = 4
        self.conv1 = nn.Conv2d(3, 4, 3)
        self.layer1 = self._make(block, 4, num_blocks[0], 1)
        self.layer2 = self._make(block, 8, num_blocks[1], 2)
        self.linear = nn.Linear(8 * block.expansion, 10)
    def _make(self, block, planes, count, stride):
        strides = [stride] + [1] * (count - 1)
        layers = []
        for s in strides:
            layers.append(block(self.cin, planes, s))
            self.cin = planes * block.expansion
        return nn.Sequential(*layers)
def resnet():
    return ResNet(Block, [2, 2])
model = resnet()
""",
    "setattr": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        for i in range(3):
            setattr(self, f"fc{i}", nn.Linear(2, 2))
            self.add_module("norm%d" % i, nn.LayerNorm(2))
        self.add_module("last", nn.Linear(2, 1))
model = Net()
""",
    "sequential_subclass": """
class ConvBN(nn.Sequential):
    def __init__(self, a, b):
        super().__init__(nn.Conv2d(a, b, 1), nn.BatchNorm2d(b))
class Net(nn.Sequential):
    def __init__(self):
        super().__init__()
        self.add_module("stem", ConvBN(3, 4))
        self.append(nn.Linear(4, 1))
model = Net()
""",
    "linear_subclass": """
class Scaled(nn.Linear):
    def __init__(self, a, b, gain=1.0):
        super().__init__(a, b)
        self.gain = nn.Parameter(torch.tensor(gain))
class Plain(nn.Conv2d):
    pass
model = nn.Sequential(Scaled(2, 3), Plain(3, 4, 1, bias=False))
""",
    "parameter_list": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.ws = nn.ParameterList([nn.Parameter(torch.randn(2, 2)) for _ in range(2)])
        self.ws.append(nn.Parameter(torch.zeros(3)))
        self.d = nn.ParameterDict({"left": nn.Parameter(torch.randn(5, 10)), "right": nn.Parameter(torch.ones(4))})
model = Net()
""",
    "python_list_is_no_module": """
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.hidden = [nn.Linear(2, 2), nn.Dropout()]
        self.out = nn.Linear(2, 1)
model = Net()
""",
    "frozen": """
model = nn.Sequential(nn.Linear(2, 3), nn.Linear(3, 4))
for p in model[0].parameters():
    p.requires_grad = False
model[1].bias.requires_grad_(False)
""",
    "sliced": """
whole = nn.Sequential(nn.Linear(2, 3), nn.Dropout(0.2), nn.Linear(3, 4), nn.BatchNorm1d(4))
model = nn.Sequential(whole[:2], *list(whole.children())[2:])
""",
    "conditional_none": """
class Net(nn.Module):
    def __init__(self, norm=None, drop=0.0):
        super().__init__()
        self.fc = nn.Linear(2, 2)
        self.norm = nn.BatchNorm1d(2) if norm else None
        self.drop = nn.Dropout(drop) if drop > 0 else nn.Identity()
        self.act = {"relu": nn.ReLU(), "prelu": nn.PReLU()}["relu"]
model = Net()
""",
    "weight_norm": """
from torch.nn.utils import parametrizations
model = nn.Sequential(parametrizations.weight_norm(nn.Linear(2, 3)), nn.Linear(3, 1))
""",
    "spectral_norm": """
from torch.nn.utils import spectral_norm
model = nn.Sequential(spectral_norm(nn.Conv2d(2, 3, 1)), nn.Linear(3, 1))
""",
    "deepcopy": """
import copy
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        block = nn.Sequential(nn.Linear(2, 2), nn.Dropout(0.1))
        self.blocks = nn.ModuleList([copy.deepcopy(block) for _ in range(2)])
        self.pair = nn.ModuleList([nn.Linear(2, 2)] * 2)
model = Net()
""",
    "insert_and_extend": """
model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1))
model.insert(0, nn.LayerNorm(1))
model.extend([nn.Linear(1, 2), nn.Linear(2, 3)])
model[1] = nn.Conv1d(1, 1, 1)
""",
    "popped": """
model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1), nn.Linear(1, 3))
model.pop(1)
""",
    "deleted_item": """
model = nn.Sequential(nn.Linear(1, 1), nn.Dropout(0.1), nn.Conv1d(1, 3, 1))
del model[1]
""",
    "instance_norms": """
model = nn.Sequential(nn.InstanceNorm2d(3), nn.InstanceNorm2d(3, affine=True), nn.InstanceNorm2d(3, track_running_stats=True),
                      nn.BatchNorm2d(3, track_running_stats=False),
                      nn.LayerNorm(3, elementwise_affine=False), nn.LayerNorm(3, bias=False),
                      nn.AlphaDropout(0.1), nn.RReLU(), nn.Dropout3d(0.2), nn.LazyLinear(3),
                      nn.ConvTranspose2d(3, 3, 1), nn.EmbeddingBag(5, 3))
""",
    "nested_user_modules": """
class Attention(nn.Module):
    def __init__(self, dim, drop):
        super().__init__()
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.drop = nn.Dropout(drop)
class Block(nn.Module):
    def __init__(self, dim, drop=0.0):
        super().__init__()
        self.ln1 = nn.LayerNorm(dim)
        self.attn = Attention(dim, drop=drop)
        self.mlp = nn.Sequential(nn.Linear(dim, 4 * dim), nn.GELU(), nn.Linear(4 * dim, dim), nn.Dropout(drop))
class GPT(nn.Module):
    def __init__(self, vocab=11, dim=8, depth=2):
        super().__init__()
        self.transformer = nn.ModuleDict(dict(
            wte=nn.Embedding(vocab, dim),
            h=nn.ModuleList([Block(dim, 0.1) for _ in range(depth)]),
            ln_f=nn.LayerNorm(dim),
        ))
        self.lm_head = nn.Linear(dim, vocab, bias=False)
        self.transformer.wte.weight = self.lm_head.weight
model = GPT()
""",
}
