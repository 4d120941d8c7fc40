// A C interface to the Arcade Learning Environment, for src/atari/emulator.rs.
//
// No function lets an exception out: those that can throw catch it, the others are noexcept.

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

// Access to a private member of the video chip: an explicit instantiation may name it.
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

// The part of the video chip's state that is missing in ALE's own states: the progress of the frame, and the
// positions in the tables of masks.
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

// The complete state of a machine.
struct Snapshot {
  ale::ALEState state;
  Video video;
  // The two frame buffers, used in turn. A game that draws nothing in a frame shows the old contents of one.
  std::vector<uint8_t> shown, other;
};

size_t pixels(ale::ALEInterface* machine) {
  return machine->getScreen().height() * machine->getScreen().width();
}

ale::stella::TIA& tia_of(ale::ALEInterface* machine) {
  // Every console has this media source.
  return static_cast<ale::stella::TIA&>(machine->theOSystem->console().mediaSource());
}

}  // namespace

extern "C" {

// A machine with the ROM, or null and the reason: 1 the file cannot be read, 2 it is not the game's ROM.
ale::ALEInterface* zerolab_ale_load(const char* path, const char* game, int* reason) {
  static std::once_flag quiet;
  std::call_once(quiet, [] { ale::Logger::setMode(ale::Logger::Error); });
  try {
    *reason = 1;
    // Checked first, because loadROM ends the process if it fails.
    auto known = ale::ALEInterface::isSupportedROM(std::filesystem::path(path));
    *reason = 2;
    if (!known || *known != game) return nullptr;
    auto machine = std::make_unique<ale::ALEInterface>();
    // The caller implements sticky actions, so this seed has no effect.
    machine->setInt("random_seed", 0);
    machine->setFloat("repeat_action_probability", 0.0f);
    machine->loadROM(path);
    return machine.release();
  } catch (...) {
    return nullptr;
  }
}

void zerolab_ale_free(ale::ALEInterface* machine) noexcept { delete machine; }

// Writes the minimal action set of the game, at most 18, and returns its size.
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

// The screen as indices of colours. Valid until the next call on the machine.
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

// Restores a machine to a snapshot that it made.
void zerolab_ale_restore(ale::ALEInterface* machine, const Snapshot* snapshot) noexcept {
  machine->restoreState(snapshot->state);
  auto& tia = tia_of(machine);
  snapshot->video.restore(tia);
  std::copy(snapshot->shown.begin(), snapshot->shown.end(), tia.currentFrameBuffer());
  std::copy(snapshot->other.begin(), snapshot->other.end(), tia.previousFrameBuffer());
}

void zerolab_ale_snapshot_free(Snapshot* snapshot) noexcept { delete snapshot; }

}
