"""What a client can do with datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Unpack

from polaris.application.catalogue import OwnerNarrowing
from polaris.domain.identity import ArtifactKind, HubOwner
from polaris.hub.methods.catalogue import CatalogueMethods
from polaris.hub.timeouts import TimeoutTypes, check_timeout

if TYPE_CHECKING:
    import zarr

    from polaris.domain.dataset_v1 import DatasetV1 as DomainDataset
    from polaris.domain.dataset_v2 import DatasetV2 as DomainDatasetV2
    from polaris.hub.artifacts.dataset import DatasetV1
    from polaris.hub.artifacts.dataset_v2 import DatasetV2
    from polaris.ports.archives import IOMode
    from polaris.ports.artifacts import Access, ArtifactRecord

__all__ = ["DatasetMethods"]


class DatasetMethods(CatalogueMethods):
    """What a client can do with datasets."""

    async def list_datasets(
        self, limit: int = 100, offset: int = 0, **narrowing: Unpack[OwnerNarrowing]
    ) -> list[str]:
        """List the datasets of the hub, newest first.

        Args:
            limit: At most so many.
            offset: Pass over so many.
            **narrowing: ``owner``, ``search``, ``tags``, ``sort``, ``descending``,
                ``created_since`` and ``updated_since``; see
                `polaris.application.catalogue.OwnerNarrowing`.

        Returns:
            Their ids, ``owner/slug``.
        """
        return await self._ids(ArtifactKind.DATASET, limit, offset, **narrowing)

    async def get_dataset(
        self, owner: str | HubOwner, name: str, verify_checksum: bool | str = True
    ) -> DatasetV1 | DatasetV2:
        """Load a dataset: its table into memory; its archive stays where it is till it is read.

        A dataset of version 2 has no table: its archive is all of it.

        Args:
            owner: User or organization that owns it.
            name: Its name or slug.
            verify_checksum: ``True`` or ``"verify"`` checks all of it now, every byte of its
                archive included; ``"verify_unless_zarr"`` checks an archive's chunks when they are
                read; ``False`` or ``"ignore"`` checks nothing.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            PolarisChecksumError: It is not what was published.
        """
        from polaris.hub.artifacts.dataset import DatasetV1
        from polaris.hub.artifacts.dataset_v2 import DatasetV2

        return await self._open.fetch_dataset(
            owner, name, verify_checksum=verify_checksum, cls=DatasetV1, cls_v2=DatasetV2
        )

    async def upload_dataset(
        self,
        dataset: DomainDataset | DomainDatasetV2,
        access: Access = "private",
        timeout: TimeoutTypes = (10, 200),
        owner: HubOwner | str | None = None,
        if_exists: str = "replace",
        parent_artifact_id: str | None = None,
    ) -> ArtifactRecord:
        """Publish a dataset; it becomes visible at once and whole, or not at all.

        Running the same upload again after an interruption sends only what is missing.

        Args:
            dataset: The dataset; it needs a name, an owner and a license.
            access: ``public`` or ``private``.
            timeout: Seconds for one network operation, or (connect, write) seconds; ``"timeout"``
                for the client's default, ``"never"`` for none. Hubs without a network take no
                notice.
            owner: User or organization; takes precedence over ``dataset.owner``.
            if_exists: ``raise`` refuses if the dataset is there; ``replace`` publishes a new
                revision; ``skip`` does so too but alters no file of the archive that is there.
            parent_artifact_id: The dataset that this is a new version of, ``owner/slug``: its
                version is one more than the parent's. Say in ``dataset.artifact_changelog`` what is
                new.

        Returns:
            What the hub now holds.

        Raises:
            InvalidDatasetError: Something required is missing, or an archive has groups as columns;
                all problems are reported.
            ArtifactExistsError: ``if_exists`` is ``raise`` and the dataset is there.
            ObjectExistsError: ``if_exists`` is ``skip`` and a file of the archive would change.
        """
        check_timeout(timeout)
        return await self._open.publish_dataset(
            dataset,
            access=access,
            owner=owner,
            if_exists=if_exists,
            parent_artifact_id=parent_artifact_id,
        )

    async def open_zarr_file(
        self,
        owner: str | HubOwner,
        name: str,
        path: str,
        mode: IOMode,
        as_consolidated: bool = True,
    ) -> zarr.Group:
        """Open a Zarr archive of a dataset where it lies.

        Writing changes the published revision: loading the dataset with verification is refused
        from then on, until it is published again.

        Args:
            owner: User or organization that owns the dataset.
            name: The dataset's name or slug.
            path: Path of the archive within the dataset, such as ``data.zarr``.
            mode: ``r`` read; ``r+`` read and write, must exist; ``a`` read and write, created where
                missing; ``w`` emptied first; ``w-`` created, must not exist.
            as_consolidated: Read all metadata from one object; for ``r`` and ``r+`` only.

        Raises:
            ArtifactNotFoundError: The hub has no such dataset.
            ObjectNotFoundError: ``r`` or ``r+`` and there is no such archive.
            ObjectExistsError: ``w-`` and there is one.
        """
        return await self._open.open_archive(
            owner, name, path, mode, as_consolidated=as_consolidated
        )
