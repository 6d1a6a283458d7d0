"""What training frameworks do for the user, and what they leave to the user's own loop."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class FrameworkFact:
    """A training framework. None means: not known, or it depends on the version.

    `bases`: classes that users subclass; `engines`: objects whose methods run the loop. `hooks`: methods of a subclass that
    the framework calls with the model in train() (`training_hooks`) or in eval() under no_grad (`evaluation_hooks`).
    `sets_mode`: calls train()/eval() around its loops. `zeroes_gradients`, `divides_accumulation`, `steps_scheduler`: does
    that itself. `unscales_in_clip`: its own clipping unscales first. `sets_epoch`: calls `sampler.set_epoch`.
    `manual`: the attribute of a subclass that, set to False, hands the optimisation back to the user.
    """

    name: str
    bases: tuple[str, ...]
    engines: tuple[str, ...]
    sets_mode: bool | None
    zeroes_gradients: bool | None
    divides_accumulation: bool | None
    unscales_in_clip: bool | None
    sets_epoch: bool | None
    steps_scheduler: bool | None
    source: str
    training_hooks: tuple[str, ...] = ()
    evaluation_hooks: tuple[str, ...] = ()
    manual: str = ""


_LIGHTNING_EVAL = ("validation_step", "test_step", "predict_step", "on_validation_epoch_end", "on_test_epoch_end", "validation_epoch_end")

_FACTS: tuple[FrameworkFact, ...] = (
    FrameworkFact(
        "lightning",
        ("lightning.LightningModule",),
        ("lightning.Trainer",),
        True,
        True,
        True,
        True,
        True,
        True,
        "lightning/pytorch/loops (2.4)",
        ("training_step", "configure_optimizers", "on_train_batch_end", "on_train_epoch_end", "training_epoch_end"),
        _LIGHTNING_EVAL,
        "automatic_optimization",
    ),
    FrameworkFact(
        "fabric",
        (),
        ("lightning.Fabric",),
        False,
        False,
        False,
        True,
        True,
        False,
        "lightning/fabric/fabric.py clip_gradients, wrappers.py _FabricDataLoader (2.4)",
    ),
    FrameworkFact(
        "transformers",
        ("transformers.Trainer", "transformers.Seq2SeqTrainer"),
        ("transformers.Trainer", "transformers.Seq2SeqTrainer", "trl.SFTTrainer", "trl.DPOTrainer"),
        True,
        True,
        True,
        True,
        True,
        True,
        "transformers/trainer.py _inner_training_loop, training_step, evaluation_loop (4.46)",
        ("compute_loss", "training_step"),
        ("prediction_step", "compute_metrics", "evaluation_loop"),
    ),
    FrameworkFact(
        "accelerate",
        (),
        ("accelerate.Accelerator",),
        False,
        False,
        True,
        True,
        True,
        False,
        "accelerate/accelerator.py backward, clip_grad_norm_, data_loader.py DataLoaderShard.set_epoch (1.1)",
    ),
    FrameworkFact(
        "deepspeed",
        (),
        ("deepspeed.initialize", "deepspeed.DeepSpeedEngine"),
        False,
        True,
        True,
        True,
        None,
        True,
        "deepspeed/runtime/engine.py backward, _take_model_step (0.12)",
    ),
    FrameworkFact(
        "ignite",
        (),
        ("ignite.engine.create_supervised_trainer", "ignite.engine.create_supervised_evaluator"),
        True,
        True,
        True,
        None,
        False,
        False,
        "ignite/engine/__init__.py supervised_training_step, supervised_evaluation_step (0.5); a bare Engine does none of it",
    ),
    FrameworkFact(
        "fastai",
        ("fastai.callback.core.Callback",),
        ("fastai.Learner", "fastai.vision.all.vision_learner", "fastai.vision.all.cnn_learner", "fastai.tabular.all.tabular_learner"),
        True,
        True,
        None,
        None,
        True,
        True,
        "fastai/learner.py (2.7)",
    ),
    FrameworkFact(
        "catalyst",
        ("catalyst.dl.Runner", "catalyst.dl.SupervisedRunner"),
        ("catalyst.dl.Runner", "catalyst.dl.SupervisedRunner"),
        True,
        True,
        None,
        None,
        True,
        True,
        "catalyst/core/runner.py (22.4)",
        ("handle_batch",),
    ),
    FrameworkFact(
        "mmengine",
        ("mmengine.model.BaseModel", "mmcv.runner.BaseModule"),
        ("mmengine.runner.Runner", "mmcv.runner.EpochBasedRunner", "mmcv.runner.IterBasedRunner"),
        True,
        True,
        True,
        True,
        True,
        True,
        "mmengine/runner/loops.py, mmengine/optim/optimizer/optimizer_wrapper.py update_params (0.10)",
        ("train_step",),
        ("val_step", "test_step"),
    ),
    FrameworkFact(
        "poutyne", (), ("poutyne.Model", "poutyne.Experiment"), True, True, True, None, False, True, "poutyne/framework/model.py (1.17)"
    ),
    FrameworkFact(
        "skorch",
        ("skorch.NeuralNet", "skorch.NeuralNetClassifier", "skorch.NeuralNetRegressor"),
        ("skorch.NeuralNet", "skorch.NeuralNetClassifier", "skorch.NeuralNetRegressor"),
        True,
        True,
        None,
        None,
        False,
        True,
        "skorch/net.py train_step, validation_step (1.0)",
    ),
    FrameworkFact(
        "detectron2",
        ("detectron2.engine.DefaultTrainer", "detectron2.engine.TrainerBase"),
        ("detectron2.engine.DefaultTrainer", "detectron2.engine.SimpleTrainer"),
        True,
        True,
        None,
        None,
        None,
        True,
        "detectron2/engine/train_loop.py, evaluation/evaluator.py inference_context (0.6)",
    ),
)

FRAMEWORKS: Mapping[str, FrameworkFact] = MappingProxyType({fact.name: fact for fact in _FACTS})
"""Name → framework. accelerate divides only by the `gradient_accumulation_steps` given to Accelerator (default 1)."""


@cache
def _by_class() -> Mapping[str, FrameworkFact]:
    return MappingProxyType({name: fact for fact in _FACTS for name in (*fact.bases, *fact.engines)})


def framework(dotted: str) -> FrameworkFact | None:
    """The framework that a canonical class or function name belongs to: a base to subclass or an engine to call."""
    return _by_class().get(dotted)
