//! Board games: their rules against published counts, their opponents against plain minimax.

mod allocation;
mod connect4;
mod opponent;
mod options;
mod tictactoe;
mod tree;
