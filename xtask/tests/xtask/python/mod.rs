//! The local packer on charms in Python. Most tests have stand-ins for uv and the interpreter; those that need PyPI
//! take the real ones.

mod charm;
mod choice;
mod dispatch;
mod real;
mod requirements;
mod stand_in;
mod uv;
mod uv_itself;
