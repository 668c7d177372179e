//! The socket of a running hook's tools: it reaches that hook's context and nothing else.

use std::fs;
use std::io;
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::sync::Arc;
use std::thread;

use crate::ground::socket;
use crate::state::context::HookContext;
use crate::state::world::State;

/// Answers one call of a tool.
pub(crate) type ServeTool = fn(&Arc<State>, &Arc<HookContext>, UnixStream);

/// Open while the hook runs; dropping it closes it.
pub(super) struct ToolSocket {
    listener: UnixListener,
    path: PathBuf,
}

impl ToolSocket {
    pub(super) fn open(path: PathBuf) -> io::Result<Self> {
        // Left by a killed controller, or put there by a hook.
        let _ = fs::remove_file(&path);
        let listener = socket::at(&path, |path| UnixListener::bind(path))?;
        listener.set_nonblocking(true)?;
        Ok(Self { listener, path })
    }

    /// Answers whoever has called, each in a thread of its own.
    pub(super) fn accept(&self, state: &Arc<State>, context: &Arc<HookContext>, serve: ServeTool) {
        while let Ok((stream, _)) = self.listener.accept() {
            let (state, context) = (Arc::clone(state), Arc::clone(context));
            thread::spawn(move || serve(&state, &context, stream));
        }
    }
}

impl AsFd for ToolSocket {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.listener.as_fd()
    }
}

impl Drop for ToolSocket {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}
