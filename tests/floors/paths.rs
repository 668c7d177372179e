//! The paths that a file names, wherever they stand: in `use` items, in code, in types, patterns and attributes, and
//! in the tokens of macros.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree, VisRestricted};

use crate::modules::{Modules, plain};

/// A path as it is written, without what `use` binds it to.
pub(crate) struct Named {
    pub(crate) module: usize,
    pub(crate) line: usize,
    pub(crate) path: Vec<String>,
    pub(crate) way: Way,
}

/// How a path is named.
pub(crate) enum Way {
    /// By a `use`, which gives it this name, `*` for a glob.
    Use(String),
    /// Where it stands.
    Here,
    /// As a macro's bare name, which needs no `use` if it is defined further up and before.
    Macro,
}

impl Named {
    /// The path for reading.
    pub(crate) fn shown(&self) -> String {
        let end = match &self.way {
            Way::Use(name) if name == "*" => "::*",
            Way::Macro => "!",
            Way::Use(_) | Way::Here => "",
        };
        format!("{}{end}", self.path.join("::"))
    }
}

/// Every path in a file whose module is `module`.
pub(crate) fn paths_of(modules: &Modules, module: usize, file: &syn::File) -> Vec<Named> {
    let mut finder = Finder { modules, module, seen: Default::default(), found: Vec::new() };
    finder.visit_file(file);
    finder.found
}

struct Finder<'m> {
    modules: &'m Modules,
    module: usize,
    /// How many inline modules of a name were met: alternatives for several systems have the same name.
    seen: BTreeMap<(usize, String), usize>,
    found: Vec<Named>,
}

impl Finder<'_> {
    fn path(&mut self, line: usize, path: Vec<String>) {
        // One name alone is local, or was bound by a `use` of its own.
        if path.len() > 1 {
            self.found.push(Named { module: self.module, line, path, way: Way::Here });
        }
    }

    fn call(&mut self, line: usize, name: String) {
        self.found.push(Named { module: self.module, line, path: vec![name], way: Way::Macro });
    }

    fn use_tree(&mut self, tree: &UseTree, prefix: &[String]) {
        let module = self.module;
        let with = |name: &proc_macro2::Ident| {
            let mut path = prefix.to_vec();
            // `a::{self}` is `a`.
            if prefix.is_empty() || name != "self" {
                path.push(plain(name));
            }
            path
        };
        match tree {
            UseTree::Path(tree) => self.use_tree(&tree.tree, &with(&tree.ident)),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.use_tree(tree, prefix)),
            UseTree::Name(name) => {
                let (line, path) = (name.ident.span().start().line, with(&name.ident));
                let way = Way::Use(path.last().cloned().unwrap_or_default());
                self.found.push(Named { module, line, path, way });
            }
            UseTree::Rename(rename) => {
                let (line, way) = (rename.ident.span().start().line, Way::Use(plain(&rename.rename)));
                self.found.push(Named { module, line, path: with(&rename.ident), way });
            }
            UseTree::Glob(glob) => {
                let line = glob.star_token.spans[0].start().line;
                self.found.push(Named { module, line, path: prefix.to_vec(), way: Way::Use("*".into()) });
            }
        }
    }

    /// The paths in tokens that are not parsed, as those of a macro: names joined by `::`, grouped ones too.
    fn tokens(&mut self, tokens: TokenStream) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut at = 0;
        while at < tokens.len() {
            match &tokens[at] {
                TokenTree::Ident(_) if !is_joined(&tokens[..at]) => at = self.token_path(&tokens, at, &[]),
                TokenTree::Group(group) => {
                    self.tokens(group.stream());
                    at += 1;
                }
                _ => at += 1,
            }
        }
    }

    /// Reads the path that begins at a token; returns where it ends.
    fn token_path(&mut self, tokens: &[TokenTree], mut at: usize, prefix: &[String]) -> usize {
        let (mut path, line) = (prefix.to_vec(), tokens[at].span().start().line);
        while let Some(TokenTree::Ident(ident)) = tokens.get(at) {
            path.push(plain(ident));
            at += 1;
            if !is_joined(&tokens[..(at + 2).min(tokens.len())]) || tokens.len() < at + 2 {
                break;
            }
            match tokens.get(at + 2) {
                Some(TokenTree::Ident(_)) => at += 2,
                Some(TokenTree::Group(group)) if group.delimiter() == Delimiter::Brace => {
                    self.token_group(group.stream(), &path);
                    return at + 3;
                }
                _ => break,
            }
        }
        match (path.as_slice(), &tokens[at..]) {
            ([name], [TokenTree::Punct(mark), TokenTree::Group(_), ..]) if mark.as_char() == '!' => {
                self.call(line, name.clone());
            }
            _ => self.path(line, path),
        }
        at
    }

    /// `{a, b::c}` behind a path.
    fn token_group(&mut self, tokens: TokenStream, prefix: &[String]) {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let is_comma = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ',');
        for part in tokens.split(is_comma) {
            match part.first() {
                Some(TokenTree::Ident(_)) => drop(self.token_path(part, 0, prefix)),
                Some(first) => self.path(first.span().start().line, prefix.to_vec()),
                None => {}
            }
        }
    }
}

/// Whether the last two tokens are `::`.
fn is_joined(tokens: &[TokenTree]) -> bool {
    let is_colon = |token: &TokenTree| matches!(token, TokenTree::Punct(punct) if punct.as_char() == ':');
    matches!(tokens, [.., one, other] if is_colon(one) && is_colon(other))
}

impl<'ast> Visit<'ast> for Finder<'_> {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let name = plain(&item.ident);
        let outer = self.module;
        let number = self.seen.entry((outer, name.clone())).or_default();
        let children = self.modules.all[outer].children.get(&name);
        let child = children.and_then(|children| children.get(*number)).copied();
        *number += 1;
        // A module in a file of its own is read with that file; one in a function is as that function.
        let Some((_, items)) = &item.content else { return };
        self.module = child.unwrap_or(outer);
        items.iter().for_each(|item| self.visit_item(item));
        self.module = outer;
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if item.leading_colon.is_none() {
            self.use_tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        if path.leading_colon.is_none() {
            let segments = path.segments.iter().map(|segment| plain(&segment.ident)).collect();
            self.path(path.segments[0].ident.span().start().line, segments);
        }
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        if let Some(name) = call.path.get_ident() {
            self.call(name.span().start().line, plain(name));
        }
        self.tokens(call.tokens.clone());
        visit::visit_macro(self, call);
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        if let syn::Meta::List(list) = &attribute.meta {
            self.tokens(list.tokens.clone());
            self.quoted(list.tokens.clone());
        }
        visit::visit_attribute(self, attribute);
    }

    /// `pub(in crate::a)` says who may import, and imports nothing.
    fn visit_vis_restricted(&mut self, _: &'ast VisRestricted) {}
}

impl Finder<'_> {
    /// The paths that an attribute has in quotes, such as serde's `with = "crate::text"`.
    fn quoted(&mut self, tokens: TokenStream) {
        for token in tokens {
            match token {
                TokenTree::Group(group) => self.quoted(group.stream()),
                TokenTree::Literal(literal) => {
                    let text = literal.to_string();
                    let path = text.trim_matches('"').split("::").map(str::to_owned);
                    if ["\"crate::", "\"super::", "\"self::"].iter().any(|start| text.starts_with(start)) {
                        self.path(literal.span().start().line, path.collect());
                    }
                }
                _ => {}
            }
        }
    }
}
