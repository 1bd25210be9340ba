//! Where refusals are collected, so that one compile shows all of them, in source order.

use proc_macro2::TokenStream;
use quote::ToTokens;

/// The refusals of one block.
#[derive(Default)]
pub(crate) struct Sink {
    /// Sorted by the member they belong to at the end: some checks look at a member late.
    errors: Vec<(usize, syn::Error)>,
    member: usize,
}

impl Sink {
    /// What is reported from here on belongs to the member at `position`; 0 is the head of the block.
    pub(crate) fn enter(&mut self, position: usize) {
        self.member = position;
    }

    /// Reports `message` over the whole of `place`.
    pub(crate) fn report(&mut self, place: impl ToTokens, message: String) {
        self.push(syn::Error::new_spanned(place, message));
    }

    pub(crate) fn push(&mut self, error: syn::Error) {
        self.errors.push((self.member, error));
    }

    /// Whether the member that is being looked at has failed.
    pub(crate) fn failed(&self) -> bool {
        self.errors.iter().any(|(member, _)| *member == self.member)
    }

    pub(crate) fn into_tokens(mut self) -> TokenStream {
        self.errors.sort_by_key(|(member, _)| *member);
        self.errors
            .into_iter()
            .map(|(_, error)| error.into_compile_error())
            .collect()
    }
}
