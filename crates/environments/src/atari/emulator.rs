//! The Atari 2600 of the Arcade Learning Environment 0.12.1, a frame at a time, behind a safe interface.
//!
//! Copies of an [`Emulator`] share one machine, which is put into the state of whichever copy plays: ALE restores its
//! states exactly only in the machine that made them, a copy takes a tenth of a millisecond where a machine with its
//! cartridge takes 85, and it needs no file. Nothing here is random: the machine starts the same each time.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int};
use std::fmt;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

/// Colours of the video chip.
pub const COLOURS: usize = 256;

/// More actions has no game: all of a joystick with one button.
const MOST_ACTIONS: usize = 18;

/// Why a cartridge cannot be played.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable,
    /// It is no cartridge, or another one.
    Another,
}

/// One player's game on a machine.
pub struct Emulator {
    machine: Arc<Mutex<Machine>>,
    /// Which of the machine's players this is.
    player: u64,
    facts: Arc<Facts>,
}

/// What never changes in a game.
#[derive(Debug)]
pub struct Facts {
    /// The actions that mean something in the game, by ALE's numbers; the first is to do nothing.
    pub actions: Vec<u8>,
    /// Rows of the screen.
    pub height: usize,
    /// Columns of the screen.
    pub width: usize,
    /// Red, green, blue and grey of each colour.
    pub palette: [[u8; 4]; COLOURS],
}

impl Emulator {
    /// A machine with the cartridge of `game` (as ALE calls it: `ms_pacman`) from the file at `path`, switched on.
    ///
    /// # Errors
    /// If the file cannot be read or is not that cartridge in the version that ALE knows.
    pub fn load(path: &Path, game: &str) -> Result<Self, LoadError> {
        let (ale, facts) = Ale::load(path, game)?;
        let initial = ale.snapshot();
        let machine =
            Machine { ale, initial, playing: Some(0), players: 1, waiting: HashMap::new() };
        Ok(Self { machine: Arc::new(Mutex::new(machine)), player: 0, facts: Arc::new(facts) })
    }

    /// What never changes.
    pub fn facts(&self) -> &Facts {
        &self.facts
    }

    /// Begins the game anew, as the machine was when it was switched on.
    pub fn begin(&mut self) {
        self.play(|machine| machine.ale.restore(&machine.initial));
    }

    /// Plays a frame with the action at that place among [`Facts::actions`]; the points that it brought. After the end
    /// of the game nothing happens.
    ///
    /// # Panics
    /// If there is no such action.
    pub fn act(&mut self, action: usize) -> i32 {
        let action = self.facts.actions[action];
        self.play(|machine| machine.ale.act(action))
    }

    /// Lives left; 0 in a game that has none.
    pub fn lives(&self) -> i32 {
        self.play(|machine| machine.ale.lives())
    }

    /// Whether the game has ended.
    pub fn is_over(&self) -> bool {
        self.play(|machine| machine.ale.is_over())
    }

    /// Writes what the screen shows as colours, `[height, width]`.
    pub fn screen(&self, colours: &mut Vec<u8>) {
        let pixels = self.facts.height * self.facts.width;
        self.play(|machine| {
            colours.clear();
            colours.extend_from_slice(machine.ale.screen(pixels));
        });
    }

    /// Does something with the machine in this player's state.
    fn play<T>(&self, with: impl FnOnce(&mut Machine) -> T) -> T {
        // A panic elsewhere leaves no call half done, so the machine is as good as before.
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.switch_to(self.player);
        with(&mut machine)
    }
}

impl Clone for Emulator {
    fn clone(&self) -> Self {
        let player = self.play(|machine| {
            let player = machine.players;
            machine.players += 1;
            machine.waiting.insert(player, machine.ale.snapshot());
            player
        });
        Self { machine: Arc::clone(&self.machine), player, facts: Arc::clone(&self.facts) }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.waiting.remove(&self.player);
        machine.playing = machine.playing.filter(|&player| player != self.player);
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Emulator").field("player", &self.player).finish_non_exhaustive()
    }
}

/// A machine and the states of those who play on it in turn.
struct Machine {
    ale: Ale,
    /// As it was switched on.
    initial: Snapshot,
    /// Whose state the machine is in, if not that of one who is gone.
    playing: Option<u64>,
    /// How many there have been.
    players: u64,
    /// The states of the others.
    waiting: HashMap<u64, Snapshot>,
}

impl Machine {
    fn switch_to(&mut self, player: u64) {
        if self.playing == Some(player) {
            return;
        }
        if let Some(other) = self.playing.replace(player) {
            self.waiting.insert(other, self.ale.snapshot());
        }
        if let Some(state) = self.waiting.remove(&player) {
            self.ale.restore(&state);
        }
    }
}

/// ALE's machine; see `ale/wrapper.cpp` for what its functions do.
struct Ale(NonNull<Handle>);

/// A state of a machine.
struct Snapshot(NonNull<State>);

#[repr(C)]
struct Handle {
    _opaque: [u8; 0],
}

#[repr(C)]
struct State {
    _opaque: [u8; 0],
}

#[expect(
    unsafe_code,
    reason = "a machine owns all that it uses, and is used by one thread at a time"
)]
mod foreign {
    use super::*;

    // SAFETY: ALE keeps nothing for a thread, and what its machines share they only read.
    unsafe impl Send for Ale {}
    // SAFETY: a snapshot is plain data that nothing changes.
    unsafe impl Send for Snapshot {}

    unsafe extern "C" {
        fn zerolab_ale_load(
            path: *const c_char,
            game: *const c_char,
            reason: *mut c_int,
        ) -> *mut Handle;
        fn zerolab_ale_free(machine: *mut Handle);
        fn zerolab_ale_actions(machine: *mut Handle, actions: *mut u8) -> usize;
        fn zerolab_ale_act(machine: *mut Handle, action: u8) -> c_int;
        fn zerolab_ale_lives(machine: *mut Handle) -> c_int;
        fn zerolab_ale_over(machine: *mut Handle) -> bool;
        fn zerolab_ale_height(machine: *mut Handle) -> usize;
        fn zerolab_ale_width(machine: *mut Handle) -> usize;
        fn zerolab_ale_screen(machine: *mut Handle) -> *const u8;
        fn zerolab_ale_palette(machine: *mut Handle, palette: *mut u8);
        fn zerolab_ale_snapshot(machine: *mut Handle) -> *mut State;
        fn zerolab_ale_restore(machine: *mut Handle, snapshot: *const State);
        fn zerolab_ale_snapshot_free(snapshot: *mut State);
    }

    impl Ale {
        pub(super) fn load(path: &Path, game: &str) -> Result<(Self, Facts), LoadError> {
            let text = |text: &[u8]| CString::new(text).map_err(|_| LoadError::Unreadable);
            let path = text(path.as_os_str().as_encoded_bytes())?;
            let game = text(game.as_bytes())?;
            let mut reason = 0;
            // SAFETY: both texts end in a zero and outlive the call.
            let handle = unsafe { zerolab_ale_load(path.as_ptr(), game.as_ptr(), &raw mut reason) };
            let unloaded = if reason == 1 { LoadError::Unreadable } else { LoadError::Another };
            let ale = Self(NonNull::new(handle).ok_or(unloaded)?);
            let mut actions = vec![0; MOST_ACTIONS];
            let mut palette = [[0; 4]; COLOURS];
            let handle = ale.0.as_ptr();
            // SAFETY: the machine lives, and the buffers have room for all that there can be.
            let (count, height, width) = unsafe {
                zerolab_ale_palette(handle, palette.as_mut_ptr().cast());
                let count = zerolab_ale_actions(handle, actions.as_mut_ptr());
                (count, zerolab_ale_height(handle), zerolab_ale_width(handle))
            };
            actions.truncate(count);
            Ok((ale, Facts { actions, height, width, palette }))
        }

        pub(super) fn act(&mut self, action: u8) -> i32 {
            // SAFETY: the machine lives, and is this thread's alone (`&mut`). ALE ends the process at an action that
            // it does not know: this one is its own.
            unsafe { zerolab_ale_act(self.0.as_ptr(), action) }
        }

        pub(super) fn lives(&mut self) -> i32 {
            // SAFETY: as in `act`.
            unsafe { zerolab_ale_lives(self.0.as_ptr()) }
        }

        pub(super) fn is_over(&mut self) -> bool {
            // SAFETY: as in `act`.
            unsafe { zerolab_ale_over(self.0.as_ptr()) }
        }

        /// `pixels` is height × width.
        pub(super) fn screen(&mut self, pixels: usize) -> &[u8] {
            // SAFETY: as in `act`; the picture has so many pixels and is not drawn on while it is borrowed.
            unsafe { std::slice::from_raw_parts(zerolab_ale_screen(self.0.as_ptr()), pixels) }
        }

        pub(super) fn snapshot(&self) -> Snapshot {
            // SAFETY: the machine lives, and is this thread's alone (it is not `Sync`).
            let state = unsafe { zerolab_ale_snapshot(self.0.as_ptr()) };
            Snapshot(NonNull::new(state).expect("`new` does not return null"))
        }

        /// `state` is one that this machine made.
        pub(super) fn restore(&mut self, state: &Snapshot) {
            // SAFETY: the machine and the snapshot live, and are of one cartridge.
            unsafe { zerolab_ale_restore(self.0.as_ptr(), state.0.as_ptr()) }
        }
    }

    impl Drop for Ale {
        fn drop(&mut self) {
            // SAFETY: nobody uses it any more.
            unsafe { zerolab_ale_free(self.0.as_ptr()) }
        }
    }

    impl Drop for Snapshot {
        fn drop(&mut self) {
            // SAFETY: nobody uses it any more.
            unsafe { zerolab_ale_snapshot_free(self.0.as_ptr()) }
        }
    }
}
