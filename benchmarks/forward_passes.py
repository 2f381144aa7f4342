"""Forward passes of libraries' networks, block by block, written without cortexlens.

Each gives (map, class token) of every block, then the output that the last one leads to and the
library's own output, which have to agree.
"""

import torch


def timm_vit(network, x):
    tokens = network.norm_pre(network._pos_embed(network.patch_embed(x)))
    found = []
    for block in network.blocks:
        tokens = block(tokens)
        found.append(_tokens(tokens, network.num_prefix_tokens))
    return found, network.norm(tokens), network.forward_features(x)


def timm_sam(network, x):
    maps, found = network.patch_embed(x) + network.pos_embed, []  # rows, columns, channels
    for block in network.blocks:
        maps = block(maps)
        found.append((maps.permute(0, 3, 1, 2), None))
    return found, network.neck(maps.permute(0, 3, 1, 2)), network.forward_features(x)


def torchvision_vit(network, x):
    patches = network._process_input(x)
    bare = torch.cat([network.class_token.expand(len(x), -1, -1), patches], 1)
    tokens, found = bare + network.encoder.pos_embedding, []
    for layer in network.encoder.layers:
        tokens = layer(tokens)
        found.append(_tokens(tokens, 1))
    # Untrained, the head gives zeros: compared before it.
    return found, network.encoder.ln(tokens), network.encoder(bare)


def open_clip_visual(network, x):
    patches = network.conv1(x).flatten(2).transpose(1, 2)
    first = network.class_embedding.expand(len(x), 1, -1)
    tokens = torch.cat([first, patches], 1) + network.positional_embedding
    tokens, found = network.ln_pre(tokens), []
    for block in network.transformer.resblocks:
        tokens = block(tokens)
        found.append(_tokens(tokens, 1))
    return found, network.ln_post(tokens)[:, 0] @ network.proj, network(x)


def diffusion(network, x):
    """Down blocks, middle and up blocks of the UNet, with the skips handed on."""
    unet, prompt = network.unet, network.prompt.expand(len(x), -1, -1)
    latent = network.vae.encode(x).latent_dist.mean * network.vae.config.scaling_factor
    noise = torch.randn(latent.shape[1:], generator=torch.Generator().manual_seed(network.seed))
    betas = torch.linspace(0.00085**0.5, 0.012**0.5, 1000, dtype=torch.float64) ** 2
    share = torch.cumprod(1 - betas, 0)[network.timestep].item()
    noisy = share**0.5 * latent + (1 - share) ** 0.5 * noise
    time = unet.time_embedding(unet.time_proj(torch.full((len(x),), network.timestep)))
    maps, found = unet.conv_in(noisy), []
    skips = (maps,)
    for block in unet.down_blocks:
        known = {"encoder_hidden_states": prompt} if hasattr(block, "attentions") else {}
        maps, new = block(maps, time, **known)
        skips += new
        found.append((maps, None))
    maps = unet.mid_block(maps, time, encoder_hidden_states=prompt)
    found.append((maps, None))
    for block in unet.up_blocks:
        known = {"encoder_hidden_states": prompt} if hasattr(block, "attentions") else {}
        n = len(block.resnets)
        maps, skips = block(maps, skips[-n:], time, **known), skips[:-n]
        found.append((maps, None))
    last = unet.conv_out(unet.conv_act(unet.conv_norm_out(maps)))
    return found, last, network(x)


def _tokens(tokens, prefix):
    side = round((tokens.shape[1] - prefix) ** 0.5)
    rows = tokens[:, prefix:].unflatten(1, (side, side))
    return rows.permute(0, 3, 1, 2), tokens[:, 0]


def forward_pass(source, name):
    """The pass that belongs to a row of backbones.tsv."""
    if source == "timm":
        return timm_sam if name.startswith("samvit") else timm_vit
    by_source = {"torchvision": torchvision_vit, "open_clip": open_clip_visual}
    return by_source.get(source, diffusion)


def own_transform(network, row, size):
    """The library's own way from a square picture to its input; nothing of it is cut off."""
    if row.source == "timm":
        from timm.data import create_transform, resolve_model_data_config

        config = resolve_model_data_config(network)
        # MoCo v3 has statistics of its own, which its rows fill in.
        given = {"mean": row.mean, "std": row.std, "interpolation": row.interpolation}
        config |= {key: value for key, value in given.items() if value}
        config |= {"input_size": (3, size, size), "crop_pct": 1.0}
        return create_transform(**config, is_training=False)
    if row.source == "torchvision":
        from torchvision.models import get_model_weights

        name, _, tag = row.name.partition(".")
        return get_model_weights(name)[tag].transforms(crop_size=size, resize_size=size)
    if row.source == "open_clip":
        from open_clip import get_pretrained_cfg, image_transform

        known = get_pretrained_cfg(*row.name.split("/"))
        names = ("mean", "std", "interpolation", "resize_mode")
        return image_transform(size, is_train=False, **{name: known.get(name) for name in names})
    from diffusers.image_processor import VaeImageProcessor

    own = VaeImageProcessor()
    return lambda picture: own.preprocess(picture.resize((size, size), 3))[0]
