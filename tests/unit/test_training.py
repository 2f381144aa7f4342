"""Training of the demo zoo: its parts, and that every task's loss falls."""

import numpy as np
import pytest
import torch

from cortexlens.backbones import zoo
from cortexlens.backbones.training import contrastive, distilled, masked, probes, supervised, tokens
from cortexlens.backbones.training.loop import Recipe, batches, train_zoo_network
from cortexlens.backbones.training.pool import jitter, random_crop, read_pool, recolour, standardise
from cortexlens.backbones.training.run import MAKERS, split_pool, train_network
from cortexlens.errors import CortexlensError
from cortexlens.stages.draw_scenes import draw_scenes

N_SCENES = 144
# The tasks work on any network of the kind; a small one is trained in seconds.
SMALL = {"embed_dim": 48, "depth": 2, "num_heads": 2}


@pytest.fixture(scope="module")
def pool(tmp_path_factory):
    folder = tmp_path_factory.mktemp("zoo") / "scenes"
    draw_scenes(folder, n_scenes=N_SCENES, seed=11)
    return read_pool(folder)


@pytest.fixture
def small(monkeypatch):
    settings = zoo.ARCHITECTURES["vit-demo"] | SMALL
    monkeypatch.setitem(zoo.ARCHITECTURES, "vit-demo", settings)


def _network() -> torch.nn.Module:
    torch.manual_seed(0)
    return zoo.build("vit-demo")


def _generator() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def test_pool_is_refused_at_another_size(tmp_path) -> None:
    draw_scenes(tmp_path / "scenes", n_scenes=1, size=64, seed=1)
    with pytest.raises(CortexlensError, match="64×64"):
        read_pool(tmp_path / "scenes")


def test_split_keeps_the_last_scenes_apart(pool) -> None:
    learn, test = split_pool(pool, 64)
    assert (len(learn), len(test)) == (80, 64)
    assert set(learn.table["image_id"]).isdisjoint(test.table["image_id"])
    assert torch.equal(test.pixels, pool.pixels[-64:])
    with pytest.raises(CortexlensError, match="n_held_out 73"):
        split_pool(pool, 73)


def test_standardise_is_the_preprocessing_of_the_zoo(pool) -> None:
    from PIL import Image

    from cortexlens.backbones.preprocessing import zoo_defaults

    picture = Image.fromarray(pool.pixels[0].permute(1, 2, 0).numpy())
    torch.testing.assert_close(standardise(pool.pixels[:1])[0], zoo_defaults()(picture))


def test_patches_hold_the_picture_row_by_row() -> None:
    picture = torch.arange(3 * 96 * 96, dtype=torch.float32).reshape(1, 3, 96, 96)
    cut = tokens.patches(picture)
    assert cut.shape == (1, 144, 192)
    block = picture[0, :, 8:16, 16:24].permute(1, 2, 0)
    assert torch.equal(cut[0, 12 + 2], block.reshape(-1))


def test_encode_of_all_patches_is_the_networks_own_forward_pass() -> None:
    network = _network().eval()
    inputs = torch.randn(2, 3, 96, 96, generator=_generator())
    with torch.no_grad():
        torch.testing.assert_close(
            tokens.encode(network, inputs), network.forward_features(inputs), rtol=1e-4, atol=1e-5
        )


def test_encoder_does_not_see_hidden_patches() -> None:
    network = _network().eval()
    kept = tokens.draw_kept(1, 144, 0.25, _generator())
    assert kept.shape == (1, 36)
    assert len(kept[0].unique()) == 36
    inputs = torch.randn(1, 3, 96, 96, generator=_generator())
    mask = torch.zeros(144).index_fill(0, kept[0], 1.0).view(1, 1, 12, 12)
    hidden_changed = inputs + (1 - mask.repeat_interleave(8, 2).repeat_interleave(8, 3))
    with torch.no_grad():
        before, after = (tokens.encode(network, x, kept) for x in (inputs, hidden_changed))
    torch.testing.assert_close(before, after)


def test_crop_of_the_whole_picture_is_the_picture_or_its_mirror(pool) -> None:
    inputs = standardise(pool.pixels[:8])
    seen = random_crop(inputs, torch.Generator().manual_seed(5), (1.0, 1.0))
    windows = random_crop(inputs, torch.Generator().manual_seed(5), (0.2, 0.3))
    assert seen.shape == windows.shape == inputs.shape
    # Stretching is drawn too, so pictures agree but for a few per cent of their extent.
    near = [
        max(torch.corrcoef(torch.stack([a.flatten(), b.flatten()]))[0, 1] for b in (x, x.flip(-1)))
        for a, x in zip(seen, inputs, strict=True)
    ]
    assert np.median(near) > 0.7
    assert (windows - seen).abs().mean() > 0.1


def test_jitter_changes_little_and_each_picture_otherwise() -> None:
    inputs = torch.ones(16, 3, 4, 4)
    changed = jitter(inputs, _generator(), strength=0.1)
    assert 0.05 < (changed - inputs).abs().mean() < 0.3
    assert len(changed[:, 0, 0, 0].unique()) == 16


def test_recolour_changes_the_mean_colour_and_keeps_the_picture(pool) -> None:
    inputs = standardise(pool.pixels)
    changed = recolour(inputs, _generator())
    before, after = (x.mean(dim=(2, 3)) for x in (inputs, changed))
    assert (after - before).std() > 0.15
    lights = [
        (x - x.mean(dim=(2, 3), keepdim=True)).sum(dim=1).flatten(1) for x in (inputs, changed)
    ]
    alike = torch.nn.functional.cosine_similarity(*lights)
    assert alike.median() > 0.9


def test_mismatch_is_least_where_each_guess_has_its_own_answer() -> None:
    answers = torch.eye(8)
    own = distilled.mismatch(3 * answers, answers)
    temperature = distilled.TEMPERATURE
    assert own == pytest.approx(np.log(1 + 7 * np.exp(-1 / temperature)), abs=1e-5)
    assert distilled.mismatch(torch.ones(8, 8), answers) == pytest.approx(np.log(8), abs=1e-5)
    assert distilled.mismatch(answers.roll(1, dims=0), answers) > np.log(8)


def test_batches_go_through_all_scenes_before_any_comes_again() -> None:
    drawn = torch.cat(list(batches(10, 4, 5, _generator())))
    assert sorted(drawn[:10].tolist()) == sorted(drawn[10:].tolist()) == list(range(10))


def test_coverage_is_where_the_objects_are(pool) -> None:
    covered = supervised.coverage(pool).reshape(N_SCENES, 12, 12, -1)
    centres = (np.arange(12) + 0.5) / 6 - 1
    for row, objects in enumerate(pool.table["objects"]):
        if len(objects) != 1:
            continue
        thing = objects[0]
        seen = covered[row, :, :, supervised.CATEGORIES.index(thing["category"])]
        rows, columns = np.nonzero(seen)
        assert (abs(centres[columns] - thing["x"]) <= thing["width"] / 2).all()
        assert (abs(centres[rows] - thing["y"]) <= thing["height"] / 2).all()
    assert (covered.any(axis=(1, 2)) <= supervised.presence(pool)).all()
    assert 0.02 < covered.mean() < 0.2


def test_vocabulary_numbers_known_words_and_pads() -> None:
    vocabulary = contrastive.Vocabulary(["a red ball", "a blue ball", "a “zq”"], least=2)
    assert len(vocabulary) == 4
    numbers = vocabulary.encode(["a ball zq"])[0]
    assert numbers[:4].tolist() == [2, 3, contrastive.UNKNOWN, contrastive.PADDING]


def test_caption_embedding_does_not_depend_on_its_company(pool) -> None:
    task = contrastive.Contrastive(_network(), pool, seed=0)
    captions = pool.table["caption"].tolist()[:8]
    alone = np.concatenate([task.embed_captions([caption]) for caption in captions])
    np.testing.assert_allclose(alone, task.embed_captions(captions), rtol=1e-3, atol=1e-5)


def test_read_out_finds_what_is_linear() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 5)).astype(np.float32)
    y = x @ rng.normal(size=(5, 2)) + 1.0
    np.testing.assert_allclose(probes.read_out(x[:200], y[:200], x[200:]), y[200:], atol=0.05)


def test_neighbours_and_retrieval_know_perfect_from_chance() -> None:
    rng = np.random.default_rng(0)
    labels = [str(number) for number in rng.integers(0, 4, 256)]
    clusters = np.eye(4)[[int(label) for label in labels]] + 0.05 * rng.normal(size=(256, 4))
    noise = rng.normal(size=(256, 4))
    first, second = labels[:128], labels[128:]
    assert probes.neighbour_accuracy(clusters[:128], first, clusters[128:], second) == 1.0
    assert probes.neighbour_accuracy(noise[:128], first, noise[128:], second) < 0.5
    captions = [str(row) for row in range(128)]
    codes = rng.normal(size=(128, 32))
    assert probes.retrieval_top1(codes, codes, captions) == 1.0
    assert probes.retrieval_top1(codes, rng.normal(size=(128, 32)), captions) < 0.1
    assert probes.retrieval_top1(codes, codes[::-1], ["same"] * 128) == 1.0


def test_variance_explained_is_zero_for_the_mean_and_one_for_the_truth(pool) -> None:
    task = masked.Masked(_network(), pool, seed=0)
    truth = tokens.patches(standardise(pool.pixels))
    painted = {"mean": truth.mean(dim=0).expand_as(truth), "truth": truth}
    for name, expected in (("mean", 0.0), ("truth", 1.0)):
        parts = iter(torch.split(painted[name], 64))
        task.reconstruct = lambda inputs, kept, parts=parts: next(parts)
        assert masked.variance_explained(task, pool) == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.usefixtures("small")
def test_loss_falls_within_a_few_steps(name, pool) -> None:
    torch.manual_seed(0)
    task = MAKERS[name](zoo.build(zoo.ARCHITECTURE_OF[name]), pool, 0)
    losses = train_zoo_network(task, 64, Recipe(epochs=6, batch_size=16))
    assert len(losses) == 24
    assert np.isfinite(losses).all()
    assert np.mean(losses[-4:]) < 0.95 * np.mean(losses[:4])


@pytest.mark.usefixtures("small")
def test_frozen_control_trains_its_decoder_only(pool) -> None:
    task = masked.Masked(_network(), pool, 0, frozen=True)
    before = {name: value.clone() for name, value in task.state_dict().items()}
    train_zoo_network(task, 32, Recipe(epochs=1, batch_size=16))
    changed = {n for n, value in task.state_dict().items() if not torch.equal(value, before[n])}
    assert changed
    assert not any(name.startswith("network.") for name in changed)


@pytest.mark.parametrize("name", sorted(MAKERS))
@pytest.mark.usefixtures("small")
def test_same_seed_same_network_and_figures(name, pool) -> None:
    first, second, other = (
        train_network(name, pool, seed, n_held_out=64, epochs=2) for seed in (1, 1, 2)
    )
    assert first.losses == second.losses
    assert first.report == second.report
    for key, value in first.network.state_dict().items():
        assert torch.equal(value, second.network.state_dict()[key])
    assert first.losses != other.losses


def test_unknown_task_is_one_line_with_choices(pool) -> None:
    with pytest.raises(CortexlensError, match=r"'jigsaw'.*supervised, masked"):
        train_network("jigsaw", pool, 0)
