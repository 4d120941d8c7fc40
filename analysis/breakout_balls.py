"""Where trained agents catch and lose the ball in MinAtar's Breakout, and what each ball brings.

    cargo build --release
    target/release/zerolab run experiments/minatar-starts.toml
    python analysis/breakout_balls.py RUN...

plays the 32 games of the last evaluation of each run again, with `zerolab watch`, which needs the weights of the run.
It prints a row of a Markdown table for each run: for each column of the board the balls that were caught in it and
those that were lost; then how many points a ball brought between two catches, and whether it was above the wall.
"""

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Iterator

GAMES = 32
SIZE = 10
# Rows of the board from the top; the paddle is in the last.
TOP, ABOVE_PADDLE = 0, 8


def steps(zerolab: str, run: str, game: int) -> list[dict]:
    command = [zerolab, "watch", run, "--seed", str(game), "--json"]
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return [step for step in map(json.loads, lines) if "observation" in step]


def ball(step: dict) -> tuple[int, int]:
    """Row and column of the ball, which is the second of the observation's planes."""
    return divmod(step["observation"][SIZE * SIZE : 2 * SIZE * SIZE].index(1.0), SIZE)


def balls(played: list[dict]) -> Iterator[tuple[int, bool, int, bool]]:
    """Each ball that comes down: its column, whether it is caught, its points, and whether it was above the wall."""
    places = [ball(step) for step in played]
    # A ball that the paddle returns is in the row above it twice: when it comes and when it goes.
    brought, above, comes = 0, False, True
    for step, (row, column), after in zip(played, places, [*places[1:], None]):
        brought += int(step["reward"])
        above |= row == TOP
        if row != ABOVE_PADDLE:
            comes = True
        elif comes:
            yield column, after is not None, brought, above
            brought, above, comes = 0, False, False


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("runs", nargs="+", help="ids or folders of runs")
    parser.add_argument("--zerolab", default="target/release/zerolab")
    options = parser.parse_args()
    print("| run |", " | ".join(f"column {column}" for column in range(SIZE)), "|")
    print("| --- " * (SIZE + 1) + "|")
    points = Counter()
    for run in options.runs:
        caught, lost = Counter(), Counter()
        for game in range(GAMES):
            for column, is_caught, brought, above in balls(steps(options.zerolab, run, game)):
                (caught if is_caught else lost)[column] += 1
                points[brought, above] += 1
        cells = (f"{caught[column]}, {lost[column]}" for column in range(SIZE))
        print("|", run, "|", " | ".join(cells), "|")
    print("\nEach cell: balls caught, balls lost. All runs together:")
    for (brought, above), count in sorted(points.items()):
        if brought:
            print(f"* {count} balls brought {brought}" + (" and were above the wall" if above else ""))


if __name__ == "__main__":
    main()
