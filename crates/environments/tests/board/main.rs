//! Board games: the rules against published counts, the opponents against plain minimax.

mod allocation;
mod connect4;
mod opponent;
mod pawns;
mod pawns_solution;
mod settings;
mod tictactoe;
mod tree;
