"""Works that a methods text may cite, as BibTeX and as a reference list."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final, NamedTuple


class Work(NamedTuple):
    """One bibliography entry.

    Attributes
    ----------
    kind
        Type of the BibTeX entry.
    author
        Names in BibTeX format, joined by ``and``.
    title, year
        As printed; braces protect capitals. The year is None for software without one.
    place
        Further fields: journal, volume, pages, eprint, doi, url …
    """

    kind: str
    author: str
    title: str
    year: int | None
    place: Mapping[str, str]


def _arxiv(author: str, title: str, year: int, number: str) -> Work:
    place = {"eprint": number, "archivePrefix": "arXiv", "url": f"https://arxiv.org/abs/{number}"}
    return Work("misc", author, title, year, place)


def _article(author: str, title: str, year: int, journal: str, doi: str, **place: str) -> Work:
    return Work("article", author, title, year, {"journal": journal, **place, "doi": doi})


WORKS: Final[dict[str, Work]] = {
    "yang2023brain": _arxiv(
        "Yang, Huzheng and Gee, James and Shi, Jianbo",
        "Brain Decodes Deep Nets",
        2023,
        "2312.01280",
    ),
    "mao2025sparse": _arxiv(
        "Mao, Ziming and Xu, Jia and Zheng, Zeqi and Zheng, Haofang and Sheng, Dabing "
        "and Xue, Mufan and Jin, Yaochu and Yang, Guoyuan",
        "Sparse Autoencoders Bridge The Deep Learning Model and The Brain",
        2025,
        "2506.11123",
    ),
    "allen2022massive": _article(
        "Allen, Emily J. and St-Yves, Ghislain and Wu, Yihan and others",
        "A massive 7{T} {fMRI} dataset to bridge cognitive neuroscience "
        "and artificial intelligence",
        2022,
        "Nature Neuroscience",
        "10.1038/s41593-021-00962-x",
        volume="25",
        pages="116--126",
    ),
    "gifford2023algonauts": _arxiv(
        "Gifford, Alessandro T. and Lahner, Benjamin and Saba-Sadiya, Sari and others",
        "The {Algonauts} {Project} 2023 Challenge: How the Human Brain Makes Sense "
        "of Natural Scenes",
        2023,
        "2301.03198",
    ),
    "fischl1999high": _article(
        "Fischl, Bruce and Sereno, Martin I. and Tootell, Roger B. H. and Dale, Anders M.",
        "High-resolution intersubject averaging and a coordinate system for the cortical surface",
        1999,
        "Human Brain Mapping",
        "10.1002/(SICI)1097-0193(1999)8:4<272::AID-HBM10>3.0.CO;2-4",
        volume="8",
        number="4",
        pages="272--284",
    ),
    "abraham2014machine": _article(
        "Abraham, Alexandre and Pedregosa, Fabian and Eickenberg, Michael and others",
        "Machine learning for neuroimaging with scikit-learn",
        2014,
        "Frontiers in Neuroinformatics",
        "10.3389/fninf.2014.00014",
        volume="8",
        pages="14",
    ),
    "molder2021sustainable": _article(
        'M{\\"o}lder, Felix and Jablonski, Kim Philipp and Letcher, Brice and others',
        "Sustainable data analysis with {Snakemake}",
        2021,
        "F1000Research",
        "10.12688/f1000research.29032.2",
        volume="10",
        pages="33",
    ),
    "hoyer2017xarray": _article(
        "Hoyer, Stephan and Hamman, Joe",
        "xarray: {N-D} labeled arrays and datasets in {Python}",
        2017,
        "Journal of Open Research Software",
        "10.5334/jors.148",
        volume="5",
        number="1",
        pages="10",
    ),
    "zarr": Work(
        "misc",
        "{The Zarr developers}",
        "{Zarr}: chunked, compressed, {N}-dimensional arrays",
        None,
        {"url": "https://zarr.dev"},
    ),
    "harris2020array": _article(
        "Harris, Charles R. and Millman, K. Jarrod and van der Walt, St{\\'e}fan J. and others",
        "Array programming with {NumPy}",
        2020,
        "Nature",
        "10.1038/s41586-020-2649-2",
        volume="585",
        pages="357--362",
    ),
    "virtanen2020scipy": _article(
        "Virtanen, Pauli and Gommers, Ralf and Oliphant, Travis E. and others",
        "{SciPy} 1.0: fundamental algorithms for scientific computing in {Python}",
        2020,
        "Nature Methods",
        "10.1038/s41592-019-0686-2",
        volume="17",
        pages="261--272",
    ),
    "paszke2019pytorch": _arxiv(
        "Paszke, Adam and Gross, Sam and Massa, Francisco and others",
        "{PyTorch}: An Imperative Style, High-Performance Deep Learning Library",
        2019,
        "1912.01703",
    ),
    "wightman2019timm": Work(
        "misc",
        "Wightman, Ross",
        "{PyTorch} Image Models",
        2019,
        {
            "doi": "10.5281/zenodo.4414861",
            "url": "https://github.com/huggingface/pytorch-image-models",
        },
    ),
    "ilharco2021openclip": Work(
        "misc",
        "Ilharco, Gabriel and Wortsman, Mitchell and Wightman, Ross and others",
        "{OpenCLIP}",
        2021,
        {"doi": "10.5281/zenodo.5143773", "url": "https://github.com/mlfoundations/open_clip"},
    ),
    "duprelatour2022feature": _article(
        "Dupr{\\'e} la Tour, Tom and Eickenberg, Michael and Nunez-Elizalde, Anwar O. "
        "and Gallant, Jack L.",
        "Feature-space selection with banded ridge regression",
        2022,
        "NeuroImage",
        "10.1016/j.neuroimage.2022.119728",
        volume="264",
        pages="119728",
    ),
    "dempster1977maximum": _article(
        "Dempster, Arthur P. and Laird, Nan M. and Rubin, Donald B.",
        "Maximum likelihood from incomplete data via the {EM} algorithm",
        1977,
        "Journal of the Royal Statistical Society: Series B",
        "10.1111/j.2517-6161.1977.tb01600.x",
        volume="39",
        pages="1--22",
    ),
    "breiman1996stacked": _article(
        "Breiman, Leo",
        "Stacked regressions",
        1996,
        "Machine Learning",
        "10.1007/BF00117832",
        volume="24",
        pages="49--64",
    ),
    "lin2024stacked": _article(
        "Lin, Ruogu and Naselaris, Thomas and Kay, Kendrick and Wehbe, Leila",
        "Stacked regressions and structured variance partitioning for interpretable brain maps",
        2024,
        "NeuroImage",
        "10.1016/j.neuroimage.2024.120772",
        volume="298",
        pages="120772",
    ),
    "benjamini1995controlling": _article(
        "Benjamini, Yoav and Hochberg, Yosef",
        "Controlling the false discovery rate: a practical and powerful approach "
        "to multiple testing",
        1995,
        "Journal of the Royal Statistical Society: Series B",
        "10.1111/j.2517-6161.1995.tb02031.x",
        volume="57",
        number="1",
        pages="289--300",
    ),
    "loshchilov2017decoupled": _arxiv(
        "Loshchilov, Ilya and Hutter, Frank",
        "Decoupled Weight Decay Regularization",
        2017,
        "1711.05101",
    ),
    "dosovitskiy2020image": _arxiv(
        "Dosovitskiy, Alexey and Beyer, Lucas and Kolesnikov, Alexander and others",
        "An Image is Worth 16x16 Words: Transformers for Image Recognition at Scale",
        2020,
        "2010.11929",
    ),
    "radford2021learning": _arxiv(
        "Radford, Alec and Kim, Jong Wook and Hallacy, Chris and others",
        "Learning Transferable Visual Models From Natural Language Supervision",
        2021,
        "2103.00020",
    ),
    "gadre2023datacomp": _arxiv(
        "Gadre, Samir Yitzhak and Ilharco, Gabriel and Fang, Alex and others",
        "{DataComp}: In search of the next generation of multimodal datasets",
        2023,
        "2304.14108",
    ),
    "oquab2023dinov2": _arxiv(
        "Oquab, Maxime and Darcet, Timoth{\\'e}e and Moutakanni, Th{\\'e}o and others",
        "{DINOv2}: Learning Robust Visual Features without Supervision",
        2023,
        "2304.07193",
    ),
    "kirillov2023segment": _arxiv(
        "Kirillov, Alexander and Mintun, Eric and Ravi, Nikhila and others",
        "Segment Anything",
        2023,
        "2304.02643",
    ),
    "he2021masked": _arxiv(
        "He, Kaiming and Chen, Xinlei and Xie, Saining and Li, Yanghao and Doll{\\'a}r, Piotr "
        "and Girshick, Ross",
        "Masked Autoencoders Are Scalable Vision Learners",
        2021,
        "2111.06377",
    ),
    "chen2021empirical": _arxiv(
        "Chen, Xinlei and Xie, Saining and He, Kaiming",
        "An Empirical Study of Training Self-Supervised Vision Transformers",
        2021,
        "2104.02057",
    ),
    "rombach2021high": _arxiv(
        "Rombach, Robin and Blattmann, Andreas and Lorenz, Dominik and Esser, Patrick "
        'and Ommer, Bj{\\"o}rn',
        "High-Resolution Image Synthesis with Latent Diffusion Models",
        2021,
        "2112.10752",
    ),
    "song2020denoising": _arxiv(
        "Song, Jiaming and Meng, Chenlin and Ermon, Stefano",
        "Denoising Diffusion Implicit Models",
        2020,
        "2010.02502",
    ),
    "kornblith2019similarity": _arxiv(
        "Kornblith, Simon and Norouzi, Mohammad and Lee, Honglak and Hinton, Geoffrey",
        "Similarity of Neural Network Representations Revisited",
        2019,
        "1905.00414",
    ),
    "hu2021lora": _arxiv(
        "Hu, Edward J. and Shen, Yelong and Wallis, Phillip and others",
        "{LoRA}: Low-Rank Adaptation of Large Language Models",
        2021,
        "2106.09685",
    ),
    "gao2024scaling": _arxiv(
        "Gao, Leo and Dupr{\\'e} la Tour, Tom and Tillman, Henk and others",
        "Scaling and evaluating sparse autoencoders",
        2024,
        "2406.04093",
    ),
    "bussmann2024batchtopk": _arxiv(
        "Bussmann, Bart and Leask, Patrick and Nanda, Neel",
        "{BatchTopK} Sparse Autoencoders",
        2024,
        "2412.06410",
    ),
    "rajamanoharan2024jumping": _arxiv(
        "Rajamanoharan, Senthooran and Lieberum, Tom and Sonnerat, Nicolas and others",
        "Jumping Ahead: Improving Reconstruction Fidelity with {JumpReLU} Sparse Autoencoders",
        2024,
        "2407.14435",
    ),
}

# Words in a network's source, name and weights → keys of the works that introduced it.
NETWORKS: Final[dict[str, tuple[str, ...]]] = {
    r"^timm ": ("wightman2019timm",),
    r"^open_clip ": ("ilharco2021openclip", "radford2021learning"),
    r"datacomp": ("gadre2023datacomp",),
    r"dinov2": ("oquab2023dinov2",),
    r"samvit": ("kirillov2023segment",),
    r"\.mae": ("he2021masked",),
    r"moco-v3": ("chen2021empirical",),
    r"stable-diffusion": ("rombach2021high",),
    r"^torchvision vit_": ("dosovitskiy2020image",),
}


def works_of_network(described: str) -> list[str]:
    """Keys of the works that introduced a network, as far as known.

    Parameters
    ----------
    described
        Source, name and weights of the network, separated by spaces.
    """
    found = (keys for words, keys in NETWORKS.items() if re.search(words, described))
    return list(dict.fromkeys(key for keys in found for key in keys))


def bibliography(keys: Iterable[str]) -> str:
    """BibTeX entries, sorted by key.

    Parameters
    ----------
    keys
        Keys of :data:`WORKS`.
    """
    return "\n".join(_entry(key, WORKS[key]) for key in sorted(set(keys)))


def _entry(key: str, work: Work) -> str:
    year = {} if work.year is None else {"year": str(work.year)}
    fields = {"author": work.author, "title": work.title, **year, **work.place}
    lines = "".join(f"  {name} = {{{text}}},\n" for name, text in fields.items())
    return f"@{work.kind}{{{key},\n{lines}}}\n"


def references(keys: Iterable[str]) -> Iterator[str]:
    """Yield one line of a reference list per work, sorted by key: names, year, title, source.

    Parameters
    ----------
    keys
        Keys of :data:`WORKS`.
    """
    for key in sorted(set(keys)):
        work = WORKS[key]
        names = [name.strip() for name in work.author.split(" and ")]
        listed = [name if name != "others" else "et al." for name in names]
        authors = "; ".join(listed).replace("; et al.", " et al.")
        title = work.title.rstrip(".")
        place = ", ".join(
            work.place[field] for field in ("journal", "volume", "pages") if field in work.place
        )
        where = f"https://doi.org/{work.place['doi']}" if "doi" in work.place else work.place["url"]
        year = "no year" if work.year is None else work.year
        text = _plain(f"{authors} ({year}). {title}. {place + '. ' if place else ''}")
        yield f"`[@{key}]` {text}<{_address(where)}>"


def _plain(text: str) -> str:
    """Remove BibTeX's braces and accents from a text."""
    accents = {'\\"o': "ö", "\\'e": "é", "\\'a": "á"}
    for written, letter in accents.items():
        text = text.replace(f"{{{written}}}", letter)
    return text.replace("{", "").replace("}", "").replace("--", "–")


def _address(url: str) -> str:
    return url.replace("<", "%3C").replace(">", "%3E")
