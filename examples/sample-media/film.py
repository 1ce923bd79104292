"""The film and the sound: a slow journey over the drawn places, to plucked strings made by arithmetic.

Owns camera, music and captions; never draws a place (scenes.py, crafts.py). Needs ffmpeg.
"""
import subprocess
import tempfile
import wave
from pathlib import Path

import numpy as np
from PIL import Image

RATE, FPS, WIDTH, HEIGHT = 48_000, 25, 1280, 720
FADE = 1.0
# Picture, seconds, and the camera's window at its start and end as (left, top, width) in parts of the picture.
SHOTS = [
    ("thang-hen.jpg", 3.6, (0.00, 0.10, 0.78), (0.12, 0.10, 0.78)),
    ("ban-gioc.jpg", 3.6, (0.06, 0.06, 0.88), (0.16, 0.16, 0.66)),
    ("suoi-le-nin.jpg", 3.6, (0.16, 0.14, 0.70), (0.04, 0.05, 0.90)),
    ("khuoi-ky.jpg", 3.6, (0.20, 0.22, 0.74), (0.04, 0.16, 0.74)),
    ("mat-than.jpg", 4.1, (0.24, 0.10, 0.60), (0.00, 0.00, 1.00)),
]
LENGTH = sum(shot[1] for shot in SHOTS) - FADE * (len(SHOTS) - 1)
CAPTIONS = [
    (0.2, 3.0, "Hồ Thang Hen lúc rạng đông"),
    (3.2, 5.6, "Thác Bản Giốc"),
    (5.8, 8.2, "Suối Lê-nin, Pác Bó"),
    (8.4, 10.8, "Làng đá Khuổi Ky"),
    (11.0, 14.2, "Núi Mắt Thần – Non nước Cao Bằng"),
]


def view(picture, start, end, t):
    """What the camera sees of a picture; t from 0 to 1, eased at both ends."""
    t = t * t * (3 - 2 * t)
    left, top, wide = (a + (b - a) * t for a, b in zip(start, end))
    w, h = picture.size
    high = wide * w * HEIGHT / WIDTH
    x = left * w
    y = min(top * h, h - high)
    return np.asarray(picture.resize((WIDTH, HEIGHT), Image.BICUBIC, (x, y, x + wide * w, y + high)), np.float32)


def frames(folder):
    """All frames as bytes, the shots faded into each other."""
    pictures = [Image.open(folder / shot[0]).convert("RGB") for shot in SHOTS]
    for n in range(round(LENGTH * FPS)):
        now, begin, out = n / FPS, 0.0, np.zeros((HEIGHT, WIDTH, 3), np.float32)
        for picture, (_, long, start, end) in zip(pictures, SHOTS):
            if begin <= now < begin + long:
                seen = view(picture, start, end, (now - begin) / long)
                amount = 1.0 if begin == 0 else min(1.0, (now - begin) / FADE)
                out = out * (1 - amount) + seen * amount
            begin += long - FADE
        yield out.round().astype(np.uint8).tobytes()


def pluck(rng, pitch, seconds):
    """A plucked silk string (Karplus and Strong): noise that goes round a delay line and loses its edge."""
    period = int(RATE / pitch)
    line = rng.uniform(-1, 1, period)
    line = (line + np.roll(line, 1) + np.roll(line, 2)) / 3
    rounds = []
    for _ in range(int(seconds * RATE / period) + 1):
        rounds.append(line)
        line = 0.994 * (0.5 * line + 0.5 * np.roll(line, 1))
    tone = np.concatenate(rounds)[: int(seconds * RATE)]
    return tone * np.minimum(1, np.linspace(seconds, 0, len(tone)) * 4)


def music(path, seconds, seed):
    """A quiet piece on five notes with a low second string, in a room; a stereo WAV file."""
    rng = np.random.default_rng(seed)
    scale = [220.0, 246.94, 293.66, 329.63, 369.99, 440.0, 493.88, 587.33]
    out, step, at, beat = np.zeros((2, int(seconds * RATE))), 3, 0.15, 0
    while at < seconds - 1.2:
        if beat % 4 == 0:
            add(out, pluck(rng, 110.0 if beat % 8 else 146.83, 2.8), at, 0.40, 0.55)
        add(out, pluck(rng, scale[step], 1.9), at + rng.uniform(0, 0.012), 0.5, rng.uniform(0.3, 0.7))
        step = int(np.clip(step + rng.choice([-2, -1, -1, 1, 1, 2]), 0, len(scale) - 1))
        at += [0.6, 0.3, 0.3, 0.6, 0.45, 0.15, 0.6, 0.6][beat % 8]
        beat += 1
    wet = np.zeros_like(out)
    for delay, gain in ((0.031, 0.30), (0.047, 0.26), (0.073, 0.22), (0.113, 0.17), (0.171, 0.12), (0.257, 0.08)):
        shift = int(delay * RATE)
        wet[:, shift:] += out[::-1, :-shift] * gain
    out = out + wet
    fade = np.minimum(1, np.minimum(np.arange(out.shape[1]) / (0.05 * RATE), (out.shape[1] - np.arange(out.shape[1])) / (1.2 * RATE)))
    out = out * fade / np.abs(out).max() * 0.6
    with wave.open(str(path), "wb") as file:
        file.setparams((2, 2, RATE, 0, "NONE", ""))
        file.writeframes((out.T * 32767).astype("<i2").tobytes())


def add(out, tone, at, gain, right):
    """Lays a tone into the piece at a moment, between left (0) and right (1)."""
    begin = int(at * RATE)
    tone = tone[: out.shape[1] - begin] * gain
    out[0, begin : begin + len(tone)] += tone * np.sqrt(1 - right)
    out[1, begin : begin + len(tone)] += tone * np.sqrt(right)


def clock(seconds):
    """A moment as WebVTT writes it."""
    return f"00:00:{seconds:06.3f}"


def ffmpeg(*args, stream=None):
    """Runs ffmpeg so that two runs give the same bytes."""
    run = subprocess.Popen(["ffmpeg", "-v", "error", "-y", *args], stdin=subprocess.PIPE)
    for part in stream or ():
        run.stdin.write(part)
    run.stdin.close()
    if run.wait() != 0:
        raise SystemExit("ffmpeg failed")


def make(slides):
    """Writes film, poster, captions and the lute's sound below `slides`; yields a line for each."""
    folder, exact = slides / "du-lich", ["-map_metadata", "-1", "-fflags", "+bitexact", "-flags:v", "+bitexact", "-flags:a", "+bitexact"]
    with tempfile.TemporaryDirectory() as temp:
        sound = Path(temp) / "music.wav"
        music(sound, LENGTH, 2026)
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "-"]
        coding = ["-c:v", "libx264", "-preset", "slow", "-crf", "25", "-threads", "1", "-vf", "hqdn3d=3:2:4:3", "-pix_fmt", "yuv420p"]
        tail = ["-c:a", "aac", "-b:a", "128k", "-shortest", "-movflags", "+faststart", *exact, str(folder / "non-nuoc.mp4")]
        ffmpeg(*raw, "-i", str(sound), *coding, *tail, stream=frames(folder))
        yield f"du-lich/non-nuoc.mp4: {(folder / 'non-nuoc.mp4').stat().st_size // 1024} KiB"
        music(sound, 13.0, 2019)
        ffmpeg("-i", str(sound), "-c:a", "aac", "-b:a", "128k", *exact, str(slides / "van-hoa/dan-tinh.m4a"))
        yield "van-hoa/dan-tinh.m4a"
    name, _, start, end = SHOTS[-1]
    poster = view(Image.open(folder / name).convert("RGB"), start, end, 1.0)
    Image.fromarray(poster.round().astype(np.uint8)).save(folder / "non-nuoc-poster.jpg", quality=86, optimize=True)
    cues = [f"{clock(a)} --> {clock(b)}\n{text}\n" for a, b, text in CAPTIONS]
    (folder / "non-nuoc.vtt").write_text("WEBVTT\n\n" + "\n".join(cues), encoding="utf-8")
    yield "du-lich/non-nuoc-poster.jpg, non-nuoc.vtt"
