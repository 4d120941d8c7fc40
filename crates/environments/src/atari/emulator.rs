//! A safe interface to the Atari 2600 of the Arcade Learning Environment 0.12.1, one frame at a time.
//!
//! Copies of an [`Emulator`] share one machine, which switches to the state of the copy that is used. The
//! reasons: ALE restores its states exactly only in the machine that made them; a copy takes 0.1 ms, a new
//! machine with its cartridge 85 ms; and a copy needs no file. Nothing is random: the machine always starts
//! in the same state.

use std::collections::HashMap;
use std::ffi::{CString, c_char, c_int};
use std::fmt;
use std::path::Path;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

/// Number of colours of the video chip.
pub const COLOURS: usize = 256;

/// Upper bound of a game's actions: those of a joystick with one button.
const MOST_ACTIONS: usize = 18;

/// Why a ROM cannot be loaded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LoadError {
    /// The file cannot be read.
    Unreadable,
    /// The file is not a ROM, or not the supported version of the game.
    UnknownRom,
}

/// A game on a machine, which its copies share.
pub struct Emulator {
    machine: Arc<Mutex<Machine>>,
    /// Number of this copy on its machine.
    copy: u64,
    info: Arc<GameInfo>,
}

/// The fixed properties of a game.
#[derive(Debug)]
pub struct GameInfo {
    /// The actions that have a meaning in the game, as ALE's numbers. The first is the no-op.
    pub actions: Vec<u8>,
    /// Number of rows of the screen.
    pub height: usize,
    /// Number of columns of the screen.
    pub width: usize,
    /// Red, green, blue and grey of each colour.
    pub palette: [[u8; 4]; COLOURS],
}

impl Emulator {
    /// A new machine with the ROM of `game` (ALE's name, such as `ms_pacman`) from the file at `path`.
    ///
    /// # Errors
    /// If the file cannot be read or is not the version of the game that ALE supports.
    pub fn load(path: &Path, game: &str) -> Result<Self, LoadError> {
        let (ale, info) = Ale::load(path, game)?;
        let initial = ale.snapshot();
        let machine =
            Machine { ale, initial, active: Some(0), copies: 1, inactive: HashMap::new() };
        Ok(Self { machine: Arc::new(Mutex::new(machine)), copy: 0, info: Arc::new(info) })
    }

    /// The fixed properties of the game.
    pub fn info(&self) -> &GameInfo {
        &self.info
    }

    /// Begins a new game, in the machine's state after power-on.
    pub fn begin(&mut self) {
        self.play(|machine| machine.ale.restore(&machine.initial));
    }

    /// Plays a frame with the action of this index in [`GameInfo::actions`]. Returns the points. After the
    /// end of the game nothing happens.
    ///
    /// # Panics
    /// If there is no such action.
    pub fn act(&mut self, action: usize) -> i32 {
        let action = self.info.actions[action];
        self.play(|machine| machine.ale.act(action))
    }

    /// Remaining lives; 0 in a game without lives.
    pub fn lives(&self) -> i32 {
        self.play(|machine| machine.ale.lives())
    }

    /// Whether the game has ended.
    pub fn is_over(&self) -> bool {
        self.play(|machine| machine.ale.is_over())
    }

    /// Writes the screen as indices of colours, `[height, width]`.
    pub fn screen(&self, colours: &mut Vec<u8>) {
        let pixels = self.info.height * self.info.width;
        self.play(|machine| {
            colours.clear();
            colours.extend_from_slice(machine.ale.screen(pixels));
        });
    }

    /// Calls `with` on the machine in this copy's state.
    fn play<T>(&self, with: impl FnOnce(&mut Machine) -> T) -> T {
        // After a panic of another user the machine is still valid, because no call is left half done.
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.switch_to(self.copy);
        with(&mut machine)
    }
}

impl Clone for Emulator {
    fn clone(&self) -> Self {
        let copy = self.play(|machine| {
            let copy = machine.copies;
            machine.copies += 1;
            machine.inactive.insert(copy, machine.ale.snapshot());
            copy
        });
        Self { machine: Arc::clone(&self.machine), copy, info: Arc::clone(&self.info) }
    }
}

impl Drop for Emulator {
    fn drop(&mut self) {
        let mut machine = self.machine.lock().unwrap_or_else(PoisonError::into_inner);
        machine.inactive.remove(&self.copy);
        machine.active = machine.active.filter(|&copy| copy != self.copy);
    }
}

impl fmt::Debug for Emulator {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Emulator").field("copy", &self.copy).finish_non_exhaustive()
    }
}

/// A machine and the states of the copies that share it.
struct Machine {
    ale: Ale,
    /// The state after power-on.
    initial: Snapshot,
    /// The copy whose state the machine has; `None` if that copy was dropped.
    active: Option<u64>,
    /// Number of copies made so far.
    copies: u64,
    /// The states of the other copies.
    inactive: HashMap<u64, Snapshot>,
}

impl Machine {
    fn switch_to(&mut self, copy: u64) {
        if self.active == Some(copy) {
            return;
        }
        if let Some(other) = self.active.replace(copy) {
            self.inactive.insert(other, self.ale.snapshot());
        }
        if let Some(state) = self.inactive.remove(&copy) {
            self.ale.restore(&state);
        }
    }
}

/// ALE's machine. `ale/wrapper.cpp` documents its functions.
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

#[expect(unsafe_code, reason = "a machine owns all that it uses, and one thread at a time uses it")]
mod foreign {
    use super::*;

    // SAFETY: ALE has no thread-local data, and its machines only read what they share.
    unsafe impl Send for Ale {}
    // SAFETY: a snapshot is plain data that is never changed.
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
        pub(super) fn load(path: &Path, game: &str) -> Result<(Self, GameInfo), LoadError> {
            let text = |text: &[u8]| CString::new(text).map_err(|_| LoadError::Unreadable);
            let path = text(path.as_os_str().as_encoded_bytes())?;
            let game = text(game.as_bytes())?;
            let mut reason = 0;
            // SAFETY: both strings end with a zero byte and outlive the call.
            let handle = unsafe { zerolab_ale_load(path.as_ptr(), game.as_ptr(), &raw mut reason) };
            let unloaded = if reason == 1 { LoadError::Unreadable } else { LoadError::UnknownRom };
            let ale = Self(NonNull::new(handle).ok_or(unloaded)?);
            let mut actions = vec![0; MOST_ACTIONS];
            let mut palette = [[0; 4]; COLOURS];
            let handle = ale.0.as_ptr();
            // SAFETY: the machine is alive, and the buffers have the greatest possible sizes.
            let (count, height, width) = unsafe {
                zerolab_ale_palette(handle, palette.as_mut_ptr().cast());
                let count = zerolab_ale_actions(handle, actions.as_mut_ptr());
                (count, zerolab_ale_height(handle), zerolab_ale_width(handle))
            };
            actions.truncate(count);
            Ok((ale, GameInfo { actions, height, width, palette }))
        }

        pub(super) fn act(&mut self, action: u8) -> i32 {
            // SAFETY: the machine is alive, and only this thread uses it (`&mut`). ALE ends the process at an
            // unknown action; this one comes from ALE.
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
            // SAFETY: as in `act`; the screen has `pixels` pixels and does not change while it is borrowed.
            unsafe { std::slice::from_raw_parts(zerolab_ale_screen(self.0.as_ptr()), pixels) }
        }

        pub(super) fn snapshot(&self) -> Snapshot {
            // SAFETY: the machine is alive, and only this thread uses it (it is not `Sync`).
            let state = unsafe { zerolab_ale_snapshot(self.0.as_ptr()) };
            Snapshot(NonNull::new(state).expect("`new` does not return null"))
        }

        /// This machine must have made `state`.
        pub(super) fn restore(&mut self, state: &Snapshot) {
            // SAFETY: the machine and the snapshot are alive and of the same ROM.
            unsafe { zerolab_ale_restore(self.0.as_ptr(), state.0.as_ptr()) }
        }
    }

    impl Drop for Ale {
        fn drop(&mut self) {
            // SAFETY: nothing uses the machine any more.
            unsafe { zerolab_ale_free(self.0.as_ptr()) }
        }
    }

    impl Drop for Snapshot {
        fn drop(&mut self) {
            // SAFETY: nothing uses the snapshot any more.
            unsafe { zerolab_ale_snapshot_free(self.0.as_ptr()) }
        }
    }
}
