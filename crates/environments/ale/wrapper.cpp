// The Arcade Learning Environment as plain functions, for src/atari/emulator.rs.
//
// No exception leaves a function: those that can throw catch, the others are noexcept.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

#include "ale/ale_interface.hpp"
#include "ale/emucore/TIA.hxx"

namespace {

// The private member of the video chip that belongs to `Name`: an explicit instantiation may name it.
template <typename Name, auto Member>
struct Expose {
  friend auto exposed(Name) { return Member; }
};

#define EXPOSE(name)                               \
  struct name {                                    \
    friend auto exposed(name);                     \
  };                                               \
  template struct Expose<name, &ale::stella::TIA::name>

EXPOSE(myPartialFrameFlag);
EXPOSE(myFrameGreyed);
EXPOSE(myFramePointer);
EXPOSE(myCurrentBLMask);
EXPOSE(myCurrentM0Mask);
EXPOSE(myCurrentM1Mask);
EXPOSE(myCurrentP0Mask);
EXPOSE(myCurrentP1Mask);
EXPOSE(myCurrentPFMask);

// What ALE's own states lack of the video chip: how far a frame has come, and where the tables of masks are read.
class Video {
 public:
  explicit Video(ale::stella::TIA& tia)
      : partial(tia.*exposed(myPartialFrameFlag())),
        greyed(tia.*exposed(myFrameGreyed())),
        drawn(tia.*exposed(myFramePointer()) - tia.currentFrameBuffer()),
        ball(tia.*exposed(myCurrentBLMask())),
        missile0(tia.*exposed(myCurrentM0Mask())),
        missile1(tia.*exposed(myCurrentM1Mask())),
        player0(tia.*exposed(myCurrentP0Mask())),
        player1(tia.*exposed(myCurrentP1Mask())),
        playfield(tia.*exposed(myCurrentPFMask())) {}

  void restore(ale::stella::TIA& tia) const {
    tia.*exposed(myPartialFrameFlag()) = partial;
    tia.*exposed(myFrameGreyed()) = greyed;
    tia.*exposed(myFramePointer()) = tia.currentFrameBuffer() + drawn;
    tia.*exposed(myCurrentBLMask()) = ball;
    tia.*exposed(myCurrentM0Mask()) = missile0;
    tia.*exposed(myCurrentM1Mask()) = missile1;
    tia.*exposed(myCurrentP0Mask()) = player0;
    tia.*exposed(myCurrentP1Mask()) = player1;
    tia.*exposed(myCurrentPFMask()) = playfield;
  }

 private:
  bool partial, greyed;
  std::ptrdiff_t drawn;
  const uint8_t *ball, *missile0, *missile1, *player0, *player1;
  const uint32_t* playfield;
};

// Everything that decides what a machine does next.
struct Snapshot {
  ale::ALEState state;
  Video video;
  // The two pictures that the chip draws in turn: a game that draws nothing in a frame shows what is left in one.
  std::vector<uint8_t> shown, other;
};

size_t pixels(ale::ALEInterface* machine) {
  return machine->getScreen().height() * machine->getScreen().width();
}

ale::stella::TIA& tia_of(ale::ALEInterface* machine) {
  // The only source of pictures that a console has.
  return static_cast<ale::stella::TIA&>(machine->theOSystem->console().mediaSource());
}

}  // namespace

extern "C" {

// A machine with the cartridge in it, or null and the reason: 1 the file cannot be read, 2 it is another cartridge
// than the game's.
ale::ALEInterface* zerolab_ale_load(const char* path, const char* game, int* reason) {
  static std::once_flag quiet;
  std::call_once(quiet, [] { ale::Logger::setMode(ale::Logger::Error); });
  try {
    *reason = 1;
    // Asked first, because loadROM ends the process where it fails.
    auto known = ale::ALEInterface::isSupportedROM(std::filesystem::path(path));
    *reason = 2;
    if (!known || *known != game) return nullptr;
    auto machine = std::make_unique<ale::ALEInterface>();
    // Sticky actions are the caller's, so that this seed decides nothing.
    machine->setInt("random_seed", 0);
    machine->setFloat("repeat_action_probability", 0.0f);
    machine->loadROM(path);
    return machine.release();
  } catch (...) {
    return nullptr;
  }
}

void zerolab_ale_free(ale::ALEInterface* machine) noexcept { delete machine; }

// Writes the actions that mean something in the game, at most 18, and says how many there are.
size_t zerolab_ale_actions(ale::ALEInterface* machine, uint8_t* actions) noexcept {
  auto minimal = machine->getMinimalActionSet();
  std::copy(minimal.begin(), minimal.end(), actions);
  return minimal.size();
}

int zerolab_ale_act(ale::ALEInterface* machine, uint8_t action) noexcept {
  return machine->act(static_cast<ale::Action>(action));
}

int zerolab_ale_lives(ale::ALEInterface* machine) noexcept { return machine->lives(); }

bool zerolab_ale_over(ale::ALEInterface* machine) noexcept { return machine->game_over(); }

size_t zerolab_ale_height(ale::ALEInterface* machine) noexcept { return machine->getScreen().height(); }

size_t zerolab_ale_width(ale::ALEInterface* machine) noexcept { return machine->getScreen().width(); }

// What the screen shows, in the video chip's colours; valid until the machine does something.
const uint8_t* zerolab_ale_screen(ale::ALEInterface* machine) noexcept {
  return tia_of(machine).currentFrameBuffer();
}

// Red, green, blue and grey of each of the 256 colours.
void zerolab_ale_palette(ale::ALEInterface* machine, uint8_t* palette) noexcept {
  std::vector<uint8_t> colours(256), rgb, grey;
  for (size_t colour = 0; colour < 256; colour++) colours[colour] = static_cast<uint8_t>(colour);
  auto& from = machine->theOSystem->colourPalette();
  from.applyPaletteRGB(rgb, colours.data(), 256);
  from.applyPaletteGrayscale(grey, colours.data(), 256);
  for (size_t colour = 0; colour < 256; colour++) {
    std::copy_n(&rgb[3 * colour], 3, palette + 4 * colour);
    palette[4 * colour + 3] = grey[colour];
  }
}

Snapshot* zerolab_ale_snapshot(ale::ALEInterface* machine) noexcept {
  auto& tia = tia_of(machine);
  size_t size = pixels(machine);
  return new Snapshot{machine->cloneState(true),
                      Video(tia),
                      {tia.currentFrameBuffer(), tia.currentFrameBuffer() + size},
                      {tia.previousFrameBuffer(), tia.previousFrameBuffer() + size}};
}

// Puts a machine back where it was when it made the snapshot.
void zerolab_ale_restore(ale::ALEInterface* machine, const Snapshot* snapshot) noexcept {
  machine->restoreState(snapshot->state);
  auto& tia = tia_of(machine);
  snapshot->video.restore(tia);
  std::copy(snapshot->shown.begin(), snapshot->shown.end(), tia.currentFrameBuffer());
  std::copy(snapshot->other.begin(), snapshot->other.end(), tia.previousFrameBuffer());
}

void zerolab_ale_snapshot_free(Snapshot* snapshot) noexcept { delete snapshot; }

}
