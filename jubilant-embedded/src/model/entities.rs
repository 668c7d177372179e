//! A map of entities whose copies share whatever has not changed since.

use std::borrow::Borrow;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

/// Entities by key. A copy costs a pointer each, and two copies tell what changed between them.
#[derive(Debug, Clone)]
pub(crate) struct Entities<K, V>(BTreeMap<K, Arc<V>>);

impl<K, V> Default for Entities<K, V> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Ord + Clone, V: Clone + PartialEq> Entities<K, V> {
    pub(crate) fn get<Q: Ord + ?Sized>(&self, key: &Q) -> Option<&V>
    where
        K: Borrow<Q>,
    {
        self.0.get(key).map(Arc::as_ref)
    }

    pub(crate) fn get_mut<Q: Ord + ?Sized>(&mut self, key: &Q) -> Option<&mut V>
    where
        K: Borrow<Q>,
    {
        self.0.get_mut(key).map(Arc::make_mut)
    }

    pub(crate) fn contains<Q: Ord + ?Sized>(&self, key: &Q) -> bool
    where
        K: Borrow<Q>,
    {
        self.0.contains_key(key)
    }

    pub(crate) fn insert(&mut self, key: K, entity: V) {
        self.0.insert(key, Arc::new(entity));
    }

    pub(crate) fn remove<Q: Ord + ?Sized>(&mut self, key: &Q)
    where
        K: Borrow<Q>,
    {
        self.0.remove(key);
    }

    pub(crate) fn retain(&mut self, mut keep: impl FnMut(&K, &V) -> bool) {
        self.0.retain(|key, entity| keep(key, entity));
    }

    /// Changes the entities that `wanted` picks, and copies no other.
    pub(crate) fn change_where(&mut self, wanted: impl Fn(&K, &V) -> bool, mut change: impl FnMut(&mut V)) {
        for (key, entity) in &mut self.0 {
            if wanted(key, entity) {
                change(Arc::make_mut(entity));
            }
        }
    }

    pub(crate) fn values(&self) -> impl DoubleEndedIterator<Item = &V> {
        self.0.values().map(Arc::as_ref)
    }

    pub(crate) fn keys(&self) -> btree_map::Keys<'_, K, Arc<V>> {
        self.0.keys()
    }

    /// The entities whose keys lie between two others, both included.
    pub(crate) fn between(&self, first: K, last: K) -> impl DoubleEndedIterator<Item = &V> {
        self.0.range(first..=last).map(|(_, entity)| entity.as_ref())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// What is new or different here, and (as `None`) what is here no longer.
    pub(crate) fn since<'a>(&'a self, before: &'a Self) -> BTreeMap<&'a K, Option<&'a V>> {
        let changed = self.0.iter().filter(|(key, entity)| {
            before.0.get(*key).is_none_or(|known| !Arc::ptr_eq(known, entity) && known != *entity)
        });
        let gone = before.0.keys().filter(|key| !self.0.contains_key(*key)).map(|key| (key, None));
        changed.map(|(key, entity)| (key, Some(entity.as_ref()))).chain(gone).collect()
    }

    /// The reverse of [`since`](Self::since): brings a copy up to date.
    pub(crate) fn take_over(&mut self, changes: BTreeMap<K, Option<V>>) {
        for (key, entity) in changes {
            match entity {
                Some(entity) => self.insert(key, entity),
                None => self.remove(&key),
            }
        }
    }
}
