//! See the programs beside this file.
